import { delay } from "@std/async/delay";
import type { Arrival, Fault } from "./faulty_server.ts";

/** The server's side of a request for work. */
export interface ServedArrival {
  /** What befalls it. */
  readonly fault: Fault | undefined;
  /** Settles when the answer may begin: at once, unless it is to be late. `false` if the connection has closed by then. */
  ready(): Promise<boolean>;
  /** The first part of the answer is out. */
  begin(): void;
  /** The answer is whole. */
  finish(): void;
  /** The connection has closed. */
  close(): void;
}

/** Requests that have come to a fake server, for tests to wait for. */
export interface Arrivals {
  /** A request is there, which this is to befall. */
  arrive(fault: Fault | undefined): ServedArrival;
  /** A connection is there that outlives its requests. Returns what to call at its end. */
  connect(): () => void;
  /** The next request that nobody has been given yet. */
  next(): Promise<Arrival>;
  /** Requests so far. */
  count(): number;
  /** Settles when no request is under way, and no such connection open. */
  idle(): Promise<void>;
}

/** Starts to count. */
export function createArrivals(): Arrivals {
  const come: Arrival[] = [];
  const wanted: ((arrival: Arrival) => void)[] = [];
  let count = 0;
  let open = 0;
  let idle = Promise.withResolvers<void>();
  idle.resolve();

  function connect(): () => void {
    let over = false;
    if (open++ === 0) idle = Promise.withResolvers();
    return () => {
      if (over) return;
      over = true;
      if (--open === 0) idle.resolve();
    };
  }

  return {
    connect,
    arrive(fault) {
      const begun = Promise.withResolvers<void>();
      const closed = Promise.withResolvers<void>();
      const over = new AbortController();
      const arrival = { begun: begun.promise, closed: closed.promise };
      const leave = connect();
      const next = wanted.shift();
      count++;
      if (next === undefined) come.push(arrival);
      else next(arrival);
      return {
        fault,
        async ready() {
          if (fault?.kind === "late") {
            await delay(fault.ms, { signal: over.signal }).catch(() => {});
          }
          return !over.signal.aborted;
        },
        begin: begun.resolve,
        finish() {
          over.abort();
          leave();
        },
        close() {
          if (!over.signal.aborted) closed.resolve();
          over.abort();
          leave();
        },
      };
    },
    next() {
      const arrival = come.shift();
      return arrival === undefined
        ? new Promise((resolve) => wanted.push(resolve))
        : Promise.resolve(arrival);
    },
    count: () => count,
    async idle() {
      while (open > 0) await idle.promise;
    },
  };
}
