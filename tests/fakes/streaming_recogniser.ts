import type { MarkedFrame } from "@/audio/frame.ts";
import type { SpeechRecogniser, TranscribeOptions, Transcript } from "@/engines/asr/engine.ts";
import { spokenText } from "./scripted_synthesiser.ts";

/** Samples of one letter as `tones` makes them: 40 ms. */
const LETTER_SAMPLES = 640;

/**
 * A recogniser that writes while it listens, as streaming services do: it understands the speech of
 * `ScriptedSynthesiser`, letter by letter. Yields a partial after each word, and never an eager text.
 */
export class StreamingRecogniser implements SpeechRecogniser {
  readonly name = "streaming";

  async *transcribe(
    audio: ReadableStream<MarkedFrame>,
    { signal }: TranscribeOptions,
  ): AsyncGenerator<Transcript> {
    const reader = audio.getReader();
    const release = () => {
      reader.releaseLock();
      audio.cancel(signal.reason).catch(() => {});
    };
    signal.addEventListener("abort", release, { once: true });
    if (signal.aborted) release();
    let unread: number[] = [];
    let text = "";
    let shown = "";
    try {
      for (let next = await reader.read(); !next.done; next = await reader.read()) {
        unread.push(...next.value.samples);
        const whole = unread.length - unread.length % LETTER_SAMPLES;
        const letters = spokenText(Float32Array.from(unread.slice(0, whole)));
        unread = unread.slice(whole);
        text += letters;
        if (letters === " " && text.trim() !== shown) {
          shown = text.trim();
          yield { kind: "partial", text: shown };
        }
      }
      yield { kind: "final", text: text.replace(/\s+/g, " ").trim() };
    } catch (error) {
      throw signal.aborted ? signal.reason : error;
    } finally {
      signal.removeEventListener("abort", release);
      release();
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}
