import { getLogger } from "@logtape/logtape";
import { unhandled } from "@/telemetry/metrics.ts";

const logger = getLogger(["chatai"]);

/**
 * Logs and counts what nobody caught, in place of ending the process with all its sessions. A rejection is logged
 * with the session in which it arose.
 *
 * @returns what lets it end the process again
 */
export function outliveUnhandled(): Disposable {
  const listening = new AbortController();
  const { signal } = listening;

  function outlive(event: Event, kind: string, error: unknown): void {
    event.preventDefault();
    unhandled.inc({ kind });
    logger.error("Nobody caught this {kind}: {error}", { kind, error });
  }

  addEventListener(
    "unhandledrejection",
    (event) => outlive(event, "rejection", event.reason),
    { signal },
  );
  addEventListener("error", (event) => outlive(event, "error", event.error), { signal });
  return { [Symbol.dispose]: () => listening.abort() };
}
