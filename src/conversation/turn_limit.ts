/** One of the limits that a client is told of. */
export interface RateLimit {
  readonly name: "requests" | "tokens";
  /** Units a minute. */
  readonly limit: number;
  readonly remaining: number;
  /** Until all are back. */
  readonly resetSeconds: number;
}

/** Whether a turn may be answered. */
export interface TurnVerdict {
  readonly allowed: boolean;
  /** Until one may be again; 0 where one may be now. */
  readonly retryAfterSeconds: number;
  /** As they are now. */
  readonly limits: readonly RateLimit[];
}

/**
 * Counts a turn of this session's caller.
 *
 * @param speechSeconds What was said in it; 0 for a turn in writing.
 */
export type AdmitTurn = (speechSeconds: number) => Promise<TurnVerdict>;

/** Why a turn is not answered, in words for people. */
export function tooManyTurns({ retryAfterSeconds }: TurnVerdict): string {
  return `You have said all that you may in a minute. Try again in ${retryAfterSeconds} s.`;
}

/** Tells a client how much is left, where anything is limited. */
export function tellLimits(
  client: { rateLimits(limits: readonly RateLimit[]): void },
  verdict: TurnVerdict | undefined,
): void {
  if (verdict !== undefined && verdict.limits.length > 0) client.rateLimits(verdict.limits);
}
