import type { MarkedFrame } from "@/audio/frame.ts";
import type { SpeechRecogniser, TranscribeOptions, Transcript } from "@/engines/asr/engine.ts";
import { generatorStage } from "@/pipeline/generator_stage.ts";

/**
 * Writes down what an utterance says, as it is spoken. Starts at once, and reads the audio at its own pace.
 *
 * The stage's readable errors with an `EngineError` if the recogniser fails.
 */
export function transcribe(
  asr: SpeechRecogniser,
  options: TranscribeOptions,
): ReadableWritablePair<Transcript, MarkedFrame> {
  return generatorStage((audio) => asr.transcribe(audio, options), { highWaterMark: 1 });
}
