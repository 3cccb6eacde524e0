import { AsyncLocalStorage } from "node:async_hooks";
import { getLogger } from "@logtape/logtape";
import { config, isObservable, Observable, Subject, Subscription } from "rxjs";
import type { NewFact, SessionFact } from "@/facts.ts";

const logger = getLogger(["chatai", "facts"]);

/** What a session tells of itself, and who listens. */
export interface Facts {
  /**
   * Tells every observer, in the order in which they came, before it returns. A fact that an observer emits while
   * it is told another one is refused and counted as that observer's error: facts only observe.
   */
  emit(fact: NewFact): void;
  /**
   * Attaches an observer: the one way to see facts. `subscribe` builds on the stream and either subscribes, or
   * leaves that to its caller. What it throws, in a handler or an operator, at once or later, is logged and
   * counted under `name`; it never ends the session, and no other observer notices.
   */
  observe(
    name: string,
    subscribe: (facts: Observable<SessionFact>) => Subscription | Observable<unknown>,
  ): void;
  /** How often each observer has failed, by name. */
  errors(): ReadonlyMap<string, number>;
  /** Ends the stream and every observer with it. Later facts are dropped. */
  complete(): void;
}

/** The clock that stamps facts. */
export interface FactsOptions {
  /** ms. */
  readonly now: () => number;
}

/** An observer at work, and where its failures go. */
interface Observer {
  readonly name: string;
  fail(error: unknown): void;
}

/**
 * Who is at work. RxJS reports an error thrown in a handler from a timer, where nobody could tell whose it is;
 * the timer belongs to the observer in whose context it was set. Nothing but facts uses RxJS here.
 */
const atWork = new AsyncLocalStorage<Observer>();

config.onUnhandledError = (error) => {
  const observer = atWork.getStore();
  if (observer !== undefined) return observer.fail(error);
  logger.error("An observer of a session's facts failed: {error}", { error }); // faked timers forget whose
};

/** Starts the facts of one session. */
export function createFacts({ now }: FactsOptions): Facts {
  const subject = new Subject<SessionFact>();
  const subscriptions = new Subscription();
  const errors = new Map<string, number>();
  let told: SessionFact | undefined;

  function observerOf(name: string): Observer {
    return {
      name,
      fail(error) {
        errors.set(name, (errors.get(name) ?? 0) + 1);
        logger.error("Observer {name} of the session's facts failed: {error}", { name, error });
      },
    };
  }

  /** The stream as one observer sees it: whatever it does with a fact is done in its own context. */
  function streamFor(observer: Observer): Observable<SessionFact> {
    return new Observable((subscriber) =>
      subject.subscribe({
        next: (fact) => atWork.run(observer, () => subscriber.next(fact)),
        complete: () => atWork.run(observer, () => subscriber.complete()),
      })
    );
  }

  return {
    emit(fact) {
      if (told !== undefined) {
        const error = new Error(`Cannot emit "${fact.kind}" while "${told.kind}" is being told`);
        const observer = atWork.getStore() ?? observerOf("unknown");
        return observer.fail(error);
      }
      if (subject.closed) return;
      told = { ...fact, at: now() };
      subject.next(told);
      told = undefined;
    },

    observe(name, subscribe) {
      const observer = observerOf(name);
      atWork.run(observer, () => {
        try {
          const result = subscribe(streamFor(observer));
          subscriptions.add(
            isObservable(result)
              ? result.subscribe({ error: (error) => observer.fail(error) })
              : result,
          );
        } catch (error) {
          observer.fail(error);
        }
      });
    },

    errors: () => errors,

    complete() {
      subject.complete();
      subscriptions.unsubscribe();
    },
  };
}
