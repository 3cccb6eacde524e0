import { abortable } from "@std/async/abortable";
import type { EngineSwitch } from "@/engines/engine.ts";
import { EngineError } from "@/errors.ts";

/** How an engine in a test behaves: well, or in one of the ways in which engines fail. */
export type Fault =
  | "none"
  /** Fails before it has yielded anything. */
  | "refuses"
  /** Never yields anything. */
  | "hangs"
  /** Fails after its first part. */
  | "breaks"
  /** Fails with what is no `EngineError`. */
  | "throws";

/** Yields what an engine with that fault makes of `parts`. Ends at once with the signal, as every engine must. */
export async function* faulty<T>(
  name: string,
  fault: Fault,
  parts: AsyncIterable<T>,
  signal: AbortSignal,
): AsyncGenerator<T> {
  signal.throwIfAborted();
  if (fault === "hangs") await abortable(new Promise<never>(() => {}), signal);
  if (fault === "throws") throw new TypeError("a bug");
  if (fault === "refuses") {
    throw new EngineError(`${name} refuses`, { engine: name, failure: "overloaded" });
  }
  for await (const part of parts) {
    yield part;
    if (fault === "breaks") {
      throw new EngineError(`${name} broke off`, { engine: name, failure: "crashed" });
    }
  }
}

/** Keeps the switches it is told of, as `from>to`. */
export function collectSwitches(): {
  readonly switches: readonly string[];
  readonly onSwitch: (change: EngineSwitch) => void;
} {
  const switches: string[] = [];
  return { switches, onSwitch: ({ from, to }) => void switches.push(`${from}>${to}`) };
}
