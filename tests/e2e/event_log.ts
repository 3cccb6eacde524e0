/** An event off the wire, as a test looks at it. */
// deno-lint-ignore no-explicit-any
export type WireEvent = { type: string; event_id: string } & Record<string, any>;

/** An event with the time of its arrival, in ms. */
export interface ReceivedEvent {
  readonly event: WireEvent;
  readonly at: number;
}

/** All events that one connection received, and those it will. */
export interface EventLog {
  /** All that has arrived, in order. */
  readonly received: readonly ReceivedEvent[];
  /** An event has arrived. */
  add(event: WireEvent): void;
  /** Nothing more will arrive. */
  end(): void;
  /** Resolves to the first event from `from` on that `matches`; rejects when the log ends before, or none comes in a minute. */
  next(matches: (event: WireEvent) => boolean, from?: number): Promise<WireEvent>;
}

/** How long an event is waited for, in ms. */
const PATIENCE_MS = 60_000;

/** Makes an empty log. */
export function createEventLog(): EventLog {
  const received: ReceivedEvent[] = [];
  const waiting = new Set<() => void>();
  let over = false;

  function wake(): void {
    for (const look of [...waiting]) look();
  }

  return {
    received,
    add(event) {
      received.push({ event, at: performance.now() });
      wake();
    },
    end() {
      over = true;
      wake();
    },
    next(matches, from = 0) {
      let seen = from;
      const { promise, resolve, reject } = Promise.withResolvers<WireEvent>();
      const patience = setTimeout(() => fail(`Nothing came in ${PATIENCE_MS} ms`), PATIENCE_MS);
      function release(): void {
        waiting.delete(look);
        clearTimeout(patience);
      }
      function fail(why: string): void {
        release();
        reject(new Error(`${why} after ${received.map(({ event }) => event.type)}`));
      }
      function look(): void {
        for (; seen < received.length; seen++) {
          const { event } = received[seen]!;
          if (!matches(event)) continue;
          release();
          return resolve(event);
        }
        if (over) fail("The connection ended");
      }
      waiting.add(look);
      look();
      return promise;
    },
  };
}
