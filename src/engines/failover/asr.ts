import { FRAME_SAMPLES, type MarkedFrame, SAMPLE_RATE } from "@/audio/frame.ts";
import type { SpeechRecogniser, TranscribeOptions, Transcript } from "@/engines/asr/engine.ts";
import { type Circuit, createCircuit, disposeCircuits } from "@/engines/failover/circuit.ts";
import { failOver, type FailoverOptions } from "@/engines/failover/fail_over.ts";
import { record } from "@/engines/failover/recording.ts";

/** From the end of an utterance until its text, in ms. */
const FINAL_MS = 8000;

/**
 * Makes one recogniser of several. An utterance is kept, 64 KB a second, until its text is there: whoever takes
 * over hears it from the beginning, whenever the one before failed. What that one had made of it so far is
 * replaced like any partial transcript.
 */
export function failOverRecognisers(
  recognisers: readonly SpeechRecogniser[],
  { deadlineMs = FINAL_MS, ...circuit }: FailoverOptions = {},
): SpeechRecogniser {
  const circuits = recognisers.map((recogniser) =>
    createCircuit(
      recogniser,
      (asked, signal) => Array.fromAsync(asked.transcribe(hush(), { signal })),
      circuit,
    )
  );
  return {
    name: recognisers.map(({ name }) => name).join(","),
    transcribe: (audio, options) => transcribe(audio, { ...options, circuits, deadlineMs }),
    [Symbol.asyncDispose]: () => disposeCircuits(circuits),
  };
}

interface Options extends TranscribeOptions {
  readonly circuits: readonly Circuit<SpeechRecogniser>[];
  readonly deadlineMs: number;
}

async function* transcribe(
  audio: ReadableStream<MarkedFrame>,
  { circuits, deadlineMs, ...options }: Options,
): AsyncGenerator<Transcript> {
  const recording = record(audio);
  try {
    yield* failOver<SpeechRecogniser, Transcript>(circuits, {
      ...options,
      signal: AbortSignal.any([options.signal, recording.failed]),
      ask: (recogniser, signal) =>
        recogniser.transcribe(recording.replay(), { ...options, signal }),
      binds: ({ kind }) => kind === "final",
      deadlineMs,
      deadlineFrom: recording.ended,
    });
  } finally {
    recording.cancel(options.signal.reason);
  }
}

/** A second in which nothing is said, though it is marked as speech: it makes a recogniser work. */
function hush(): ReadableStream<MarkedFrame> {
  const count = Math.ceil(SAMPLE_RATE / FRAME_SAMPLES);
  return ReadableStream.from(
    Array.from(
      { length: count },
      () => ({ samples: new Float32Array(FRAME_SAMPLES), mark: "speech" as const, probability: 1 }),
    ),
  );
}
