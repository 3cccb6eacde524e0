import { FRAME_MS } from "@/audio/frame.ts";
import type { SpeechRecogniser, TranscribeOptions } from "@/engines/asr/engine.ts";
import { generatorStage } from "@/pipeline/generator_stage.ts";
import type { Utterance } from "@/pipeline/utterance.ts";

/** What is said in a stretch of a recording. */
export interface TranscribedSegment {
  /** From its first speech to its last, in ms of the recording. */
  readonly startMs: number;
  /** {@inheritDoc TranscribedSegment.startMs} */
  readonly endMs: number;
  /** Never empty. */
  readonly text: string;
}

/**
 * Writes down the segments of a recording, one after another, so that one caller never has more than one recogniser
 * at work. Segments without words are left out.
 *
 * The stage's readable errors with an `EngineError` if the recogniser fails.
 */
export function transcribeSegments(
  asr: SpeechRecogniser,
  options: TranscribeOptions,
): ReadableWritablePair<TranscribedSegment, Utterance> {
  return generatorStage(async function* (segments: ReadableStream<Utterance>) {
    for await (const { audio, ended, onsetAt } of segments) {
      let text = "";
      for await (const transcript of asr.transcribe(audio, { ...options, earliest: "final" })) {
        if (transcript.kind === "final") text = transcript.text.trim();
      }
      const end = await ended;
      if (text === "" || end.kind === "dropped") continue;
      yield { startMs: onsetAt, endMs: end.lastSpeechAt + FRAME_MS, text };
    }
  }, { highWaterMark: 1 });
}
