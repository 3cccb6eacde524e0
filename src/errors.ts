/** Everything for which an engine may fail. */
export const ENGINE_FAILURES = [
  "unavailable", // it cannot be reached or loaded
  "timeout", // it missed its deadline
  "overloaded", // it has more work than it may queue
  "displaced", // a forecast or preview made room for work that somebody waits for
  "denied", // it does not serve this server: a wrong key, no credit
  "rejected", // it refused the request: bad voice, bad input
  "malformed", // it answered with something that is not an answer
  "crashed", // its Worker or process died
] as const;

/** Why an engine could not do its work. */
export type EngineFailure = typeof ENGINE_FAILURES[number];

/** What went wrong, as {@linkcode EngineError} tells it. */
export interface EngineErrorOptions {
  /** The engine's name as the operator wrote it, e.g. `"moonshine"`. */
  readonly engine: string;
  readonly failure: EngineFailure;
  /** Ms until it wants to be asked again, where it says so. */
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

/**
 * An engine failed. An abort is not a failure: test the signal, never the message. The message is logged and repeats
 * nothing that was said; what others wrote goes into `cause`.
 */
export class EngineError extends Error {
  override readonly name = "EngineError";
  readonly engine: string;
  readonly failure: EngineFailure;
  /** Ms until it wants to be asked again, where it said so. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, { engine, failure, retryAfterMs, cause }: EngineErrorOptions) {
    super(message, { cause });
    this.engine = engine;
    this.failure = failure;
    this.retryAfterMs = retryAfterMs;
  }
}

/** One wrong value of the environment. */
export interface ConfigProblem {
  readonly variable: string;
  readonly message: string;
}

/** The environment is wrong. Lists every problem at once, so that an operator mends them in one go. */
export class ConfigError extends TypeError {
  override readonly name = "ConfigError";
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    super(
      [
        "Cannot start with this environment:",
        ...problems.map((p) => `  ${p.variable}: ${p.message}`),
      ]
        .join("\n"),
    );
    this.problems = problems;
  }
}

/** Where a request is wrong, as {@linkcode InvalidRequest} tells it. */
export interface InvalidRequestOptions {
  /** Machine-readable cause, e.g. `"item_retrieve_invalid_item_id"`. */
  readonly code: string;
  /** Path of the wrong field, e.g. `"session.audio.input.turn_detection.type"`. */
  readonly param?: string | null;
}

/** A client asked for what cannot be done. It is told so, and the session lives on. */
export class InvalidRequest extends Error {
  override readonly name = "InvalidRequest";
  readonly code: string;
  readonly param: string | null;

  constructor(message: string, { code, param = null }: InvalidRequestOptions) {
    super(message);
    this.code = code;
    this.param = param;
  }
}
