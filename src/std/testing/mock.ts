// As in the real package, a spy without types is a spy of any function.
// deno-lint-ignore-file no-explicit-any
/**
 * What this project calls of `@std/testing/mock`, with the same signatures and behaviour, for machines that do
 * not reach JSR. Deleting `links` from deno.json switches to the real package.
 *
 * @module
 */
import { AssertionError } from "node:assert/strict";

/** A spy or stub was used wrongly. */
export class MockError extends Error {
  /** Says what was wrong. */
  constructor(message: string) {
    super(message);
    this.name = "MockError";
  }
}

/** One call of a spy. */
export interface SpyCall<Self = any, Args extends unknown[] = any[], Return = any> {
  /** What it was called with. */
  args: Args;
  /** What it returned. */
  returned?: Return;
  /** What it threw. */
  error?: Error;
  /** What it was called on. */
  self?: Self;
}

/** A function that remembers its calls. */
export interface Spy<Self = any, Args extends unknown[] = any[], Return = any> {
  (this: Self, ...args: Args): Return;
  /** What is called in the end. */
  original: (this: Self, ...args: Args) => Return;
  /** Its calls, in order. */
  calls: SpyCall<Self, Args, Return>[];
  /** Whether the method has been put back. */
  restored: boolean;
  /** Puts the method back. */
  restore(): void;
}

/** A method that remembers its calls until it is disposed of. */
export interface MethodSpy<Self = any, Args extends unknown[] = any[], Return = any>
  extends Spy<Self, Args, Return>, Disposable {}

/** A method that does something else, and remembers its calls, until it is disposed of. */
export interface Stub<Self = any, Args extends unknown[] = any[], Return = any>
  extends MethodSpy<Self, Args, Return> {
  /** What is called instead. */
  fake: (this: Self, ...args: Args) => Return;
}

/** The arguments of a method. */
export type GetParametersFromProp<Self, Prop extends keyof Self> = Self[Prop] extends
  (...args: infer Args) => unknown ? Args : unknown[];

/** The result of a method. */
export type GetReturnFromProp<Self, Prop extends keyof Self> = Self[Prop] extends
  (...args: any[]) => infer Return ? Return : unknown;

/** Makes a function that remembers its calls and does nothing. */
export function spy<Self = any, Args extends unknown[] = any[]>(): Spy<Self, Args, void>;
/** Makes a function that remembers its calls and passes them on to `func`. */
export function spy<Self, Args extends unknown[], Return>(
  func: (this: Self, ...args: Args) => Return,
): Spy<Self, Args, Return>;
/** Lets a method remember its calls until the spy is restored. */
export function spy<Self, Prop extends keyof Self>(
  self: Self,
  property: Prop,
): MethodSpy<Self, GetParametersFromProp<Self, Prop>, GetReturnFromProp<Self, Prop>>;
export function spy(target?: any, property?: PropertyKey): Spy {
  if (property !== undefined) return replace(target, { property, func: undefined });
  return record(target ?? (() => {}), {
    isRestored: () => false,
    restore: () => {
      throw new MockError("Cannot restore: function cannot be restored");
    },
  });
}

/** Replaces a method, by one that does nothing or by `func`, until the stub is restored. */
export function stub<Self, Prop extends keyof Self>(
  self: Self,
  property: Prop,
): Stub<Self, GetParametersFromProp<Self, Prop>, GetReturnFromProp<Self, Prop>>;
/** Replaces a method by `func` until the stub is restored. */
export function stub<Self, Prop extends keyof Self>(
  self: Self,
  property: Prop,
  func: (
    this: Self,
    ...args: GetParametersFromProp<Self, Prop>
  ) => GetReturnFromProp<Self, Prop>,
): Stub<Self, GetParametersFromProp<Self, Prop>, GetReturnFromProp<Self, Prop>>;
export function stub(self: any, property: PropertyKey, func: Callable = () => {}): Stub {
  return Object.assign(replace(self, { property, func }), { fake: func });
}

/**
 * Checks how often a spy was called.
 *
 * @throws {AssertionError} if it was another number of times.
 */
export function assertSpyCalls<Self, Args extends unknown[], Return>(
  spy: Spy<Self, Args, Return>,
  expectedCalls: number,
): void {
  const actual = spy.calls.length;
  if (actual === expectedCalls) return;
  const than = actual < expectedCalls
    ? "not called as much as expected"
    : "called more than expected";
  throw new AssertionError({ message: `Spy ${than}:\n  ${actual} !== ${expectedCalls}` });
}

type Callable = (this: any, ...args: any[]) => any;

function record(
  func: Callable,
  { isRestored, restore }: { isRestored: () => boolean; restore: () => void },
): Spy {
  const calls: SpyCall[] = [];
  function spied(this: any, ...args: any[]): any {
    const call: SpyCall = { args };
    if (this) call.self = this;
    try {
      call.returned = func.apply(this, args);
    } catch (error) {
      call.error = error as Error;
      throw error;
    } finally {
      calls.push(call);
    }
    return call.returned;
  }
  return Object.defineProperties(spied, {
    original: { enumerable: true, writable: true, value: func },
    calls: { enumerable: true, value: calls },
    restored: { enumerable: true, get: isRestored },
    restore: { enumerable: true, value: restore },
  }) as unknown as Spy;
}

function replace(
  self: any,
  { property, func }: { property: PropertyKey; func: Callable | undefined },
): MethodSpy {
  const original = self[property];
  if (typeof original !== "function") {
    throw new MockError("Cannot spy: property is not an instance method");
  }
  if (Array.isArray(original.calls) && typeof original.restore === "function") {
    throw new MockError("Cannot spy: already spying on instance method");
  }

  const own = Object.getOwnPropertyDescriptor(self, property);
  let restored = false;
  function restore(): void {
    if (restored) throw new MockError("Cannot restore: instance method already restored");
    if (own) Object.defineProperty(self, property, own);
    else delete self[property];
    restored = true;
  }
  const method = record(func ?? original, { isRestored: () => restored, restore });
  method.original = original;
  Object.defineProperty(self, property, {
    value: method,
    configurable: true,
    writable: true,
    enumerable: own?.enumerable ?? false,
  });
  return Object.defineProperty(method, Symbol.dispose, { value: restore }) as MethodSpy;
}
