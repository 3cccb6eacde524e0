import type { Transcript } from "@/engines/asr/engine.ts";

/** Transcripts on their way to whoever reads them. Only the newest is kept: each replaces the one before. */
export interface Outbox {
  /** Nothing may follow a final one; what does is dropped. */
  put(transcript: Transcript): void;
  /** Makes the reader's next `take` reject, and everything after it be dropped. */
  fail(reason: unknown): void;
  /** The newest transcript not yet taken, or the next. */
  take(): Promise<Transcript>;
}

/** Makes an empty outbox. */
export function createOutbox(): Outbox {
  let newest: Transcript | undefined;
  let failure: { readonly reason: unknown } | undefined;
  let ended = false;
  let changed = Promise.withResolvers<void>();

  return {
    put(transcript) {
      if (ended) return;
      newest = transcript;
      ended = transcript.kind === "final";
      changed.resolve();
    },
    fail(reason) {
      if (ended) return;
      ended = true;
      failure = { reason };
      changed.resolve();
    },
    async take() {
      await changed.promise;
      changed = Promise.withResolvers();
      if (failure) throw failure.reason;
      return newest!;
    },
  };
}
