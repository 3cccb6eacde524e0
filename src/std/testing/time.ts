/**
 * What this project calls of `@std/testing/time`, with the same signatures and behaviour, for machines that do
 * not reach JSR. Deleting `links` from deno.json switches to the real package.
 *
 * @module
 */

/** Time was faked twice, or restored twice. */
export class TimeError extends Error {
  /** Says what was wrong. */
  constructor(message: string) {
    super(message);
    this.name = "TimeError";
  }
}

type Callback = (...args: unknown[]) => void;

interface Timer {
  readonly callback: Callback;
  readonly args: unknown[];
  readonly due: number;
  /** Order among timers that are due at the same time. */
  readonly order: number;
  /** Length of an interval, in ms; absent for a timeout. */
  readonly interval?: number;
}

const real = {
  Date: globalThis.Date,
  setTimeout: globalThis.setTimeout,
  clearTimeout: globalThis.clearTimeout,
  setInterval: globalThis.setInterval,
  clearInterval: globalThis.clearInterval,
};
const realSignalTimeout = AbortSignal.timeout;

let current: FakeTime | undefined;
let now = 0;
let timers = new Map<number, Timer>();
let nextId = 1;
let nextOrder = 1;

const fake = {
  Date: new Proxy(real.Date, {
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length > 0 ? args : [dateNow()], newTarget),
    apply: (target) => new target(dateNow()).toString(),
    get: (target, key) => key === "now" ? dateNow : Reflect.get(target, key),
  }),
  setTimeout: (callback: Callback, ms?: number, ...args: unknown[]) =>
    addTimer({ callback, args, ms: Math.max(0, Math.floor(ms || 0)) }),
  setInterval: (callback: Callback, ms?: number, ...args: unknown[]) => {
    const interval = Math.max(1, Math.floor(ms || 0));
    return addTimer({ callback, args, ms: interval, interval });
  },
  clearTimeout: removeTimer,
  clearInterval: removeTimer,
};

/**
 * Stops the clock for a test. `Date`, `setTimeout`, `setInterval`, their `clear…` functions and
 * `AbortSignal.timeout` then go by a time that only the test moves; `performance.now` goes on. Dispose of it, or
 * `restore` it, at the end of the test.
 */
export class FakeTime {
  readonly #start: number;

  /**
   * Starts at `start`: ms since the epoch, a date, or the real time.
   *
   * @throws {TimeError} if time is already faked.
   * @throws {TypeError} if `start` is no time.
   */
  constructor(start?: number | string | Date | null) {
    if (current) throw new TimeError("Cannot construct FakeTime: time is already faked");
    this.#start = typeof start === "number"
      ? Math.floor(start)
      : new real.Date(start ?? real.Date.now()).valueOf();
    if (Number.isNaN(this.#start)) {
      throw new TypeError(`Cannot construct FakeTime: invalid start time ${start}`);
    }
    now = this.#start;
    timers = new Map();
    nextId = 1;
    current = this;
    overrideGlobals();
  }

  /**
   * Ends the faking, whoever began it.
   *
   * @throws {TimeError} if time is not faked.
   */
  static restore(): void {
    if (!current) throw new TimeError("Cannot restore time: time is already restored");
    current.restore();
  }

  /**
   * Runs `callback` in real time, until what it returns has settled.
   *
   * @throws {TimeError} if time is not faked.
   */
  static async restoreFor<T>(
    // deno-lint-ignore no-explicit-any
    callback: (...args: any[]) => Promise<T> | T,
    // deno-lint-ignore no-explicit-any
    ...args: any[]
  ): Promise<T> {
    if (!current) throw new TimeError("Cannot restore time: time is not faked");
    restoreGlobals();
    try {
      const result = callback(...args);
      return result instanceof Promise ? await result : result;
    } finally {
      overrideGlobals();
    }
  }

  /** Ms since the epoch, in fake time. */
  get now(): number {
    return now;
  }

  /**
   * Moves time on, calling what is due on the way. If a callback throws, time stands still there.
   *
   * @throws {RangeError} if `value` is in the past.
   */
  set now(value: number) {
    if (value < now) {
      throw new RangeError(
        `Cannot set current time in the past, time must be >= ${now}: received ${value}`,
      );
    }
    for (let next = earliest(); next && next[1].due <= value; next = earliest()) {
      now = next[1].due;
      run(...next);
    }
    now = value;
  }

  /** Ms since the epoch at which fake time began. */
  get start(): number {
    return this.#start;
  }

  /**
   * Waits in real time.
   *
   * @throws {DOMException} `AbortError` once the signal aborts.
   */
  async delay(ms: number, options: { signal?: AbortSignal } = {}): Promise<void> {
    const { signal } = options;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const abort = () => reject(new DOMException("Delay was aborted.", "AbortError"));
    if (signal?.aborted) abort();
    const timer = real.setTimeout(resolve, ms);
    signal?.addEventListener("abort", abort, { once: true });
    try {
      await promise;
    } finally {
      real.clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    }
  }

  /** Lets all that waits for a settled promise run. */
  async runMicrotasks(): Promise<void> {
    await this.delay(0);
  }

  /** Moves time on by `ms`, calling what is due on the way. */
  tick(ms = 0): void {
    this.now += ms;
  }

  /** Runs microtasks, then moves time on by `ms`. What that sets off has not run yet when it resolves. */
  async tickAsync(ms = 0): Promise<void> {
    await this.runMicrotasks();
    this.now += ms;
  }

  /** Moves time on to the next timer. False if there is none. */
  next(): boolean {
    const next = earliest();
    if (next) this.now = Math.max(now, next[1].due);
    return next !== undefined;
  }

  /** Runs microtasks, then moves time on to the next timer. False if there is none. */
  async nextAsync(): Promise<boolean> {
    await this.runMicrotasks();
    return this.next();
  }

  /** Moves time on until no timer is left. Does not end while there is an interval. */
  runAll(): void {
    while (timers.size > 0) this.next();
  }

  /** Moves time on until no timer is left, running microtasks before each. */
  async runAllAsync(): Promise<void> {
    while (timers.size > 0) await this.nextAsync();
  }

  /**
   * Ends the faking. Timers still waiting are never called.
   *
   * @throws {TimeError} if it has already ended.
   */
  restore(): void {
    if (current !== this) throw new TimeError("Cannot restore time: time is already restored");
    current = undefined;
    restoreGlobals();
  }

  /** Ends the faking. */
  [Symbol.dispose](): void {
    this.restore();
  }
}

function overrideGlobals(): void {
  Object.assign(globalThis, fake);
  AbortSignal.timeout = signalTimeout;
}

function restoreGlobals(): void {
  Object.assign(globalThis, real);
  AbortSignal.timeout = realSignalTimeout;
}

function dateNow(): number {
  return current ? now : real.Date.now();
}

function signalTimeout(ms: number): AbortSignal {
  const controller = new AbortController();
  const abort = () => controller.abort(new DOMException("Signal timed out.", "TimeoutError"));
  fake.setTimeout(abort, ms);
  return controller.signal;
}

function addTimer(
  { callback, args, ms, interval }: Pick<Timer, "callback" | "args" | "interval"> & { ms: number },
): number {
  if (!current) throw new TimeError("Cannot set a timer: time is not faked");
  const id = nextId++;
  const timer = { callback, args, due: now + ms, order: nextOrder++ };
  timers.set(id, interval === undefined ? timer : { ...timer, interval });
  return id;
}

function removeTimer(id?: number): void {
  if (!current) throw new TimeError("Cannot clear a timer: time is not faked");
  if (id !== undefined) timers.delete(id);
}

function earliest(): [number, Timer] | undefined {
  let first: [number, Timer] | undefined;
  for (const entry of timers) {
    const [, timer] = entry;
    if (
      !first || timer.due < first[1].due ||
      (timer.due === first[1].due && timer.order < first[1].order)
    ) first = entry;
  }
  return first;
}

function run(id: number, timer: Timer): void {
  if (timer.interval === undefined) timers.delete(id);
  else timers.set(id, { ...timer, due: timer.due + timer.interval, order: nextOrder++ });
  timer.callback(...timer.args);
}
