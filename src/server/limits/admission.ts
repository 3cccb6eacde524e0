/** How many may be in at once in this process. */
export interface AdmissionOptions {
  readonly max: number;
}

/** Keeps count of those who are in: sessions, or recordings. */
export interface Admission {
  /** A place for one, to be given back; `undefined` where all are taken. */
  enter(): Disposable | undefined;
}

/** Starts with nobody in. */
export function createAdmission({ max }: AdmissionOptions): Admission {
  let open = 0;
  return {
    enter() {
      if (open >= max) return undefined;
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
