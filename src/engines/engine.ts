import type { Config } from "@/config.ts";

/** What every engine has, whatever it does. Disposing it ends its Workers and connections. */
export interface Engine extends AsyncDisposable {
  /** The name operators choose it by, e.g. `"moonshine"`. */
  readonly name: string;
  /** The model it asks for, where it is one of several and known yet. */
  readonly model?: string | undefined;
  /**
   * How long it may take until its first part, in ms, before another engine of a failover list takes over; where
   * it is known to need more time than others of its kind, or less.
   */
  readonly deadlineMs?: number | undefined;
}

/** An engine failed at a piece of work, and another takes it over. */
export interface EngineSwitch {
  /** Name of the one that failed. */
  readonly from: string;
  readonly to: string;
  readonly error: unknown;
}

/** What every request to an engine carries. */
export interface RequestOptions {
  /** Ends the work; the caller is released at once. */
  readonly signal: AbortSignal;
  /** Is told when an engine of a failover list gives way to the next. Must not throw. */
  readonly onSwitch?: (change: EngineSwitch) => void;
}

/** Makes an engine. Resolves once it is loaded and warm; rejects with an `EngineError` that says what to do. */
export type EngineFactory<E extends Engine> = (config: Config) => Promise<E>;

/** Names of a kind's engines, each with a lazy import: an engine nobody chose is never loaded. */
export type EngineRegistry<E extends Engine> = Readonly<Record<string, EngineFactory<E>>>;
