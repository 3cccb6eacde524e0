/** How many sessions there may be at once in this process. */
export interface AdmissionOptions {
  readonly maxSessions: number;
  readonly maxSessionsPerCaller: number | undefined;
}

/** A place for one session, to be given back; or why there is none. */
export type Entry =
  | { readonly kind: "entered"; readonly place: Disposable }
  /** No caller gets a place now. */
  | { readonly kind: "full" }
  /** This caller has all the places that one may have. */
  | { readonly kind: "greedy" };

/** Keeps count of the sessions that are open. */
export interface Admission {
  enter(caller: string): Entry;
}

/** Starts with nobody in. */
export function createAdmission(
  { maxSessions, maxSessionsPerCaller = Infinity }: AdmissionOptions,
): Admission {
  const open = new Map<string, number>();
  let total = 0;

  function add(caller: string, count: number): void {
    const now = (open.get(caller) ?? 0) + count;
    total += count;
    if (now === 0) open.delete(caller);
    else open.set(caller, now);
  }

  return {
    enter(caller) {
      if (total >= maxSessions) return { kind: "full" };
      if ((open.get(caller) ?? 0) >= maxSessionsPerCaller) return { kind: "greedy" };
      add(caller, 1);
      let left = false;
      const place = {
        [Symbol.dispose]() {
          if (!left) add(caller, -1);
          left = true;
        },
      };
      return { kind: "entered", place };
    },
  };
}
