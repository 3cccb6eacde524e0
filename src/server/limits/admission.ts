/** How many sessions there may be at once in this process. */
export interface AdmissionOptions {
  readonly maxSessions: number;
}

/** Keeps count of the sessions that are open here. */
export interface Admission {
  /** A place for one session, to be given back; `undefined` where all are taken. */
  enter(): Disposable | undefined;
}

/** Starts with nobody in. */
export function createAdmission({ maxSessions }: AdmissionOptions): Admission {
  let open = 0;
  return {
    enter() {
      if (open >= maxSessions) return undefined;
      open++;
      let left = false;
      return {
        [Symbol.dispose]() {
          if (!left) open--;
          left = true;
        },
      };
    },
  };
}
