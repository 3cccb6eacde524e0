import { getLogger } from "@logtape/logtape";
import { type Observable, Subject, Subscription } from "rxjs";
import type { NewFact, SessionFact } from "@/facts.ts";
import { unhandled } from "@/telemetry/metrics.ts";

const logger = getLogger(["chatai", "facts"]);

/** What an observer makes of the facts: a stream that somebody else subscribes to. What it emits is ignored. */
export type Watch = (facts: Observable<SessionFact>) => Observable<unknown>;

/** What a session tells of itself, and who listens. */
export interface Facts {
  /**
   * Tells every observer, in the order in which they came, before it returns. A fact that an observer emits while
   * it is told another one is refused and logged: facts only observe.
   */
  emit(fact: NewFact): void;
  /**
   * Attaches an observer: the one way to see facts. It is a stream and not a handler because RxJS throws what a
   * handler throws into the process, where it would end every session. What fails in an operator is logged and
   * counted, and detaches this observer; the session goes on, and no other observer notices.
   */
  observe(name: string, watch: Watch): void;
  /** Ends the stream and every observer with it. Later facts are dropped. */
  complete(): void;
}

/** The clock that stamps facts. */
export interface FactsOptions {
  /** ms. */
  readonly now: () => number;
}

/** Starts the facts of one session. */
export function createFacts({ now }: FactsOptions): Facts {
  const subject = new Subject<SessionFact>();
  const subscriptions = new Subscription();
  let told: SessionFact | undefined;

  function fail(name: string, error: unknown): void {
    unhandled.inc({ kind: "observer" });
    logger.error("Observer {name} of the session's facts failed: {error}", { name, error });
  }

  return {
    emit(fact) {
      if (told !== undefined) {
        logger.error("Fact {fact} is refused: an observer emitted it while told {told}", {
          fact: fact.kind,
          told: told.kind,
        });
        return;
      }
      told = { ...fact, at: now() };
      subject.next(told);
      told = undefined;
    },

    observe(name, watch) {
      try {
        const watched = watch(subject.asObservable());
        subscriptions.add(watched.subscribe({ error: (error) => fail(name, error) }));
      } catch (error) {
        fail(name, error);
      }
    },

    complete() {
      subject.complete();
      subscriptions.unsubscribe();
    },
  };
}
