/** Tells once of an abort, be it past or future; no more once `until` aborts. */
export function onAbort(
  cause: AbortSignal | undefined,
  tell: () => void,
  { until }: { readonly until?: AbortSignal } = {},
): void {
  if (cause?.aborted) tell();
  else cause?.addEventListener("abort", tell, { once: true, ...(until && { signal: until }) });
}
