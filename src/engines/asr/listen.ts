import type { MarkedFrame } from "@/audio/frame.ts";
import type { Transcript } from "@/engines/asr/engine.ts";
import { createOutbox } from "@/engines/asr/outbox.ts";

/** Where what was heard goes. */
export interface Outlet {
  /** Shows a transcript that is not the final one. */
  readonly put: (transcript: Transcript) => void;
  /** Ends everything with an error, at once. */
  readonly fail: (reason: unknown) => void;
}

/** How one utterance is heard. */
export interface ListenOptions {
  readonly signal: AbortSignal;
  /** Reads the utterance to its end, and resolves to all that it says. */
  readonly hear: (
    reader: ReadableStreamDefaultReader<MarkedFrame>,
    outlet: Outlet,
  ) => Promise<string>;
  /** Ends the work under way: its text is known, or nobody wants it. May be called more than once. */
  readonly end: () => void;
}

/**
 * Hears an utterance as it arrives, whoever reads the transcripts, and yields them: what `hear` shows, and the
 * final one that it resolves to. An abort, a failure or a reader that leaves ends it at once, whatever `hear`
 * waits for, and releases the audio.
 */
export function listen(
  audio: ReadableStream<MarkedFrame>,
  { signal, hear, end }: ListenOptions,
): AsyncIterable<Transcript> {
  const reader = audio.getReader();
  const outbox = createOutbox();

  function release(reason: unknown): void {
    signal.removeEventListener("abort", abort);
    outbox.fail(reason);
    end();
    reader.releaseLock(); // first, so that a pending read rejects instead of telling of an end
    audio.cancel(reason).catch(() => {}); // an errored stream says so again
  }

  function abort(): void {
    release(signal.reason);
  }

  async function* transcripts(): AsyncGenerator<Transcript> {
    try {
      let transcript: Transcript;
      do {
        transcript = await outbox.take();
        yield transcript;
      } while (transcript.kind !== "final");
    } finally {
      release(new DOMException("Nobody reads the transcript", "AbortError"));
    }
  }

  if (signal.aborted) abort();
  else {
    signal.addEventListener("abort", abort, { once: true });
    hear(reader, { put: outbox.put, fail: release }).then(
      (text) => outbox.put({ kind: "final", text }),
      release,
    );
  }
  return transcripts();
}
