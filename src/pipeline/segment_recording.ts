import { type AudioFrame, FRAME_MS, FRAME_SAMPLES, samplesToMs } from "@/audio/frame.ts";
import { createFramer } from "@/audio/frames.ts";
import type { VoiceActivityDetector } from "@/engines/vad/engine.ts";
import { createAssembler, type Detection } from "@/pipeline/assemble_utterances.ts";
import { generatorStage } from "@/pipeline/generator_stage.ts";
import type { Utterance } from "@/pipeline/utterance.ts";
import { DEFAULT_MIN_SPEECH_MS, DEFAULT_THRESHOLD } from "@/pipeline/voice_activity.ts";

/** How a recording is divided. */
export interface SegmentRecordingOptions {
  readonly signal: AbortSignal;
}

/** Longest segment, in ms: what recognisers take at once, and what an utterance keeps unread. */
const MAX_SEGMENT_MS = 24_000;

/**
 * Silence that ends a segment, by the length that it has reached; both in ms. At first a pause between sentences;
 * later any pause will do, since a cut in mid-word is worse.
 */
const ENDING_SILENCE: readonly { readonly fromMs: number; readonly silenceMs: number }[] = [
  { fromMs: 15_000, silenceMs: FRAME_MS },
  { fromMs: 8_000, silenceMs: 250 },
  { fromMs: 0, silenceMs: 600 },
];

const DETECTION: Detection = {
  mode: "voice",
  threshold: DEFAULT_THRESHOLD,
  prefixPaddingMs: 300,
  minSpeechMs: DEFAULT_MIN_SPEECH_MS,
  denoise: false,
};

/**
 * Finds what is said in a recording: 16 kHz samples in, stretches of speech out. It is what `detectUtterances` is to a
 * microphone, by the same rules, but a recording waits: it is read as fast as the VAD goes, and no further than the
 * segments are taken. Each one is complete when it comes; its times, `onsetAt` and `lastSpeechAt` among them, are ms
 * of the recording.
 *
 * The stage's readable errors with an `EngineError` if the VAD fails.
 */
export function segmentRecording(
  vad: VoiceActivityDetector,
  { signal }: SegmentRecordingOptions,
): ReadableWritablePair<Utterance, Float32Array> {
  return generatorStage(async function* (recording: ReadableStream<Float32Array>) {
    const probabilityOf = vad.listen({ signal });
    const framer = createFramer();
    const found: Utterance[] = [];
    let heard = 0; // samples
    let count = 0;
    const assembler = createAssembler({
      endOfTurn: ({ startMs }, silenceMs) =>
        silenceMs >= endingSilence(samplesToMs(heard) - startMs),
      maxMs: MAX_SEGMENT_MS,
      newId: () => `segment_${++count}`,
      engine: vad.name,
      offer: (utterance) => found.push(utterance) > 0,
    });

    async function hear(samples: AudioFrame): Promise<void> {
      const probability = await probabilityOf(samples);
      const [start, end] = [heard, heard + FRAME_SAMPLES];
      heard = end;
      assembler.frame({ samples, probability, at: samplesToMs(start), start, end }, DETECTION);
    }

    function* ended(): Generator<Utterance> {
      if (!assembler.running()) yield* found.splice(0);
    }

    for await (const samples of recording) {
      for (const frame of framer.push(samples)) {
        await hear(frame);
        yield* ended();
      }
    }
    const rest = framer.flush();
    if (rest !== undefined) await hear(rest);
    if (assembler.running()) assembler.commit(undefined);
    yield* ended();
  }, { highWaterMark: 1 });
}

function endingSilence(lengthMs: number): number {
  return ENDING_SILENCE.find(({ fromMs }) => lengthMs >= fromMs)!.silenceMs;
}
