import { getLogger } from "@logtape/logtape";
import type { ReplyPart } from "@/engines/llm/engine.ts";
import type { SpeechSynthesiser } from "@/engines/tts/engine.ts";
import { SentenceStream } from "@/pipeline/sentence_stream.ts";
import { synthesize } from "@/pipeline/synthesize.ts";

const logger = getLogger(["chatai", "prewarm"]);

/** How sessions will speak what is prewarmed. */
export interface PrewarmOptions {
  /** Keeps what it speaks. */
  readonly tts: SpeechSynthesiser;
  /** Of sessions that name none. */
  readonly voice: string;
  /** BCP 47 tag. */
  readonly language: string;
}

/** Texts that are being spoken to nobody. */
export interface Prewarming extends AsyncDisposable {
  /** Settles when all are spoken, one has failed, or it was disposed of. Never rejects. */
  readonly done: Promise<void>;
}

/** Rate of what nobody hears, in Hz; any will do. */
const SAMPLE_RATE = 24_000;

/**
 * Speaks greetings and fillers once, in the background, so that a cache has them when they are needed. They go the
 * way of a reply: what is kept are the sentences that a reply with such a text will ask for.
 */
export function prewarm(texts: readonly string[], options: PrewarmOptions): Prewarming {
  const controller = new AbortController();
  const { signal } = controller;
  const { tts, voice, language } = options;

  async function speak(): Promise<void> {
    for (const text of texts) {
      const reply: ReplyPart[] = [{ kind: "text", text }, { kind: "end", reason: "stop" }];
      await ReadableStream.from(reply)
        .pipeThrough(new SentenceStream())
        .pipeThrough(
          synthesize(tts, { signal, sampleRate: SAMPLE_RATE, voice, speed: 1, language }),
        )
        .pipeTo(new WritableStream(), { signal });
    }
  }

  const done = speak().catch((error: unknown) => {
    if (signal.aborted) return;
    logger.warn("Cannot prewarm speech: {error}", { error });
  });
  return {
    done,
    [Symbol.asyncDispose]() {
      controller.abort();
      return done;
    },
  };
}
