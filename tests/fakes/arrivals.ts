import type { Arrival } from "./faulty_server.ts";

/** The server's side of an arrival. */
export interface ServedArrival {
  /** The first part of the answer is out. */
  begin(): void;
  /** The connection has closed before the answer was whole. */
  close(): void;
}

/** Requests that have come to a fake server, for tests to wait for. */
export interface Arrivals {
  /** A request is there. */
  arrive(): ServedArrival;
  /** The next request that nobody has been given yet. */
  next(): Promise<Arrival>;
  /** Requests so far. */
  count(): number;
}

/** Starts to count. */
export function createArrivals(): Arrivals {
  const come: Arrival[] = [];
  const wanted: ((arrival: Arrival) => void)[] = [];
  let count = 0;

  return {
    arrive() {
      const begun = Promise.withResolvers<void>();
      const closed = Promise.withResolvers<void>();
      const arrival = { begun: begun.promise, closed: closed.promise };
      const next = wanted.shift();
      count++;
      if (next === undefined) come.push(arrival);
      else next(arrival);
      return { begin: begun.resolve, close: closed.resolve };
    },
    next() {
      const arrival = come.shift();
      return arrival === undefined
        ? new Promise((resolve) => wanted.push(resolve))
        : Promise.resolve(arrival);
    },
    count: () => count,
  };
}
