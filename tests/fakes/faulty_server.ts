/**
 * What befalls requests to a fake server.
 *
 * - `silence`: nothing comes, not even the beginning of an answer
 * - `stall`: the answer begins, with as much as an engine can hand on where it hands on parts, and does not go on
 * - `drop`: the answer begins likewise, and the connection breaks
 * - `refusal`: an error in the protocol's own form. Its message repeats the caller's key and words, as some
 *   servers do: neither may come up in a log
 * - `nonsense`: something that is no answer in this protocol
 * - `late`: nothing comes for so many ms, then the whole answer
 */
export type Fault =
  | { readonly kind: "silence" | "stall" | "drop" | "nonsense" }
  | { readonly kind: "late"; readonly ms: number }
  | {
    readonly kind: "refusal";
    readonly status: 401 | 429 | 500;
    /** The value of `Retry-After`, with 429. */
    readonly retryAfterSeconds?: number;
  };

/** A request that has reached a fake server whole, up to its last byte. */
export interface Arrival {
  /** Settles when the first part of the answer is out. */
  readonly begun: Promise<void>;
  /** Settles when the connection has closed before the answer was whole, whoever closed it. */
  readonly closed: Promise<void>;
}

/**
 * A fake of a hosted server: speaks its real protocol over a real socket on this machine, answers at once, and has
 * faults by script.
 */
export interface FaultyServer extends AsyncDisposable {
  /** Where it is. */
  readonly url: string;
  /**
   * Befalls every request for work from now on; `undefined`: none does. A function is asked for each request, and
   * by servers of WebSockets for each connection too. Requests that only ask whether it is there are spared.
   */
  fault: Fault | undefined | (() => Fault | undefined);
  /** The next request for work that nobody has been given yet. */
  nextArrival(): Promise<Arrival>;
  /** Requests for work so far. */
  arrivals(): number;
  /** Settles when no request for work is under way, and no WebSocket open. */
  idle(): Promise<void>;
}

/** What befalls the next request to a server. */
export function nextFault({ fault }: FaultyServer): Fault | undefined {
  return typeof fault === "function" ? fault() : fault;
}
