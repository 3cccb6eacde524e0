import { type AudioFrame, FRAME_SAMPLES } from "@/audio/frame.ts";
import { createFramer } from "@/audio/frames.ts";
import type { VoiceActivityDetector } from "@/engines/vad/engine.ts";
import { EngineError } from "@/errors.ts";
import { createAssembler, type Detection } from "@/pipeline/assemble_utterances.ts";
import type { UnmarkedFrame } from "@/pipeline/frame_marker.ts";
import {
  createMicrophoneQueue,
  type MicrophoneInput,
  type QueuedInput,
} from "@/pipeline/microphone_queue.ts";
import { openSpeechLikelihood } from "@/pipeline/speech_likelihood.ts";
import type { Utterance } from "@/pipeline/utterance.ts";

export type { Detection } from "@/pipeline/assemble_utterances.ts";
export type { MicrophoneInput } from "@/pipeline/microphone_queue.ts";
export type { Utterance, UtteranceEnd } from "@/pipeline/utterance.ts";

/** How utterances are detected, and who is told. The functions must be quick. */
export interface DetectOptions {
  /** Ends everything: a running utterance is dropped, the utterances end, the microphone's stream errors. */
  readonly signal: AbortSignal;
  /** Asked at every frame. */
  readonly detection: () => Detection;
  /** Whether an utterance that the voice began is over. Asked at every pause, with the silence so far in ms. */
  readonly endOfTurn: (utterance: Utterance, silenceMs: number) => boolean;
  /** Makes an id that no other item has. */
  readonly newId: () => string;
  /**
   * Told what goes wrong while listening goes on, once each time it begins: the VAD fails, and what it does not
   * hear counts as silence; or audio or utterances are left out because too much of them waits.
   */
  readonly onError?: (error: unknown) => void;
}

/** Longest utterance that the voice began, in ms. */
const MAX_UTTERANCE_MS = 600_000;

/** Utterances that may wait for a reader. Speech beyond them is left out. */
export const MAX_UNREAD_UTTERANCES = 4;

/**
 * Finds the utterances in what a microphone sends.
 *
 * It reads the microphone at arrival speed, whoever reads the utterances: a reader that is slow, or deaf, or
 * cancels an utterance in the middle never keeps it from hearing the next one. All that may wait is bounded. An
 * utterance is passed on in the very frame in which the minimum of speech is reached; in manual mode, as soon as
 * there is enough audio to commit.
 *
 * At the end of the microphone's stream a running utterance ends as if committed. Cancelling the readable ends
 * the listening; aborting the writable errors both ends.
 */
export function detectUtterances(
  vad: VoiceActivityDetector,
  options: DetectOptions,
): ReadableWritablePair<Utterance, MicrophoneInput> {
  const { onError = () => {} } = options;
  const cancelled = new AbortController();
  const signal = AbortSignal.any([options.signal, cancelled.signal]);
  const finished = Promise.withResolvers<void>();
  const framer = createFramer();
  const queue = createMicrophoneQueue({
    onOverflow: () => onError(overloaded("Cannot keep more audio: the VAD lags behind")),
    drained: finished.promise,
  });
  const assembler = createAssembler({
    endOfTurn: options.endOfTurn,
    maxMs: MAX_UTTERANCE_MS,
    newId: options.newId,
    engine: vad.name,
    offer,
  });
  let output: ReadableStreamDefaultController<Utterance>;
  let refusing = false;
  let written = 0; // samples taken from the queue
  let heard = 0; // samples in frames
  let arrivedAt = 0;

  const readable = new ReadableStream<Utterance>({
    start(controller) {
      output = controller;
    },
    cancel(reason) {
      cancelled.abort(reason);
    },
  }, { highWaterMark: MAX_UNREAD_UTTERANCES });

  function overloaded(message: string): EngineError {
    return new EngineError(message, { engine: vad.name, failure: "overloaded" });
  }

  function offer(utterance: Utterance): boolean {
    const room = output.desiredSize! > 0;
    if (room) output.enqueue(utterance);
    else if (!refusing) onError(overloaded("Cannot keep more utterances: nobody reads them"));
    refusing = !room;
    return room;
  }

  async function listen(): Promise<void> {
    using likelihood = openSpeechLikelihood(vad, { signal, onError });

    async function score(samples: AudioFrame, detection: Detection): Promise<UnmarkedFrame> {
      const start = heard;
      heard = Math.min(heard + FRAME_SAMPLES, written); // silence may fill the frame up
      const probability = await likelihood.of(samples, detection.denoise);
      return { samples, probability, at: arrivedAt, start, end: heard };
    }

    async function hear(samples: AudioFrame): Promise<void> {
      const detection = options.detection();
      const frame = await score(samples, detection);
      if (!signal.aborted) assembler.frame(frame, detection);
    }

    async function hearAll(samples: Float32Array): Promise<void> {
      for (let start = 0; start < samples.length; start += FRAME_SAMPLES) {
        const part = samples.subarray(start, start + FRAME_SAMPLES);
        written += part.length;
        for (const frame of framer.push(part)) {
          await hear(frame);
          if (signal.aborted) return;
        }
      }
    }

    async function commit(): Promise<string | undefined> {
      const detection = options.detection();
      assembler.follow(detection.mode);
      if (!assembler.committable(written - heard)) return undefined;
      const rest = framer.flush();
      const tail = rest && await score(rest, detection);
      return signal.aborted ? undefined : assembler.commit(tail);
    }

    async function take(input: QueuedInput): Promise<void> {
      switch (input.kind) {
        case "audio":
          arrivedAt = input.at;
          return await hearAll(input.samples);
        case "gap": {
          const rest = framer.flush();
          if (rest !== undefined) await hear(rest);
          written += input.samples;
          heard = written;
          return;
        }
        case "commit":
          return input.settled(await commit());
        case "clear":
          framer.flush();
          heard = written;
          assembler.drop(new DOMException("The audio was cleared", "AbortError"));
          return input.settled();
      }
    }

    for await (const input of queue.readable) {
      await take(input);
      if (signal.aborted) return;
    }
    if (assembler.running()) await commit();
  }

  /** Releases everybody at once, even if the VAD does not answer. */
  function stop(): void {
    assembler.drop(signal.reason);
    if (!cancelled.signal.aborted) output.close();
    queue.fail(signal.reason);
  }

  async function run(): Promise<void> {
    try {
      await listen();
      if (!signal.aborted) output.close();
    } catch (error) {
      if (signal.aborted) return;
      assembler.drop(error);
      queue.fail(error);
      output.error(error);
    } finally {
      signal.removeEventListener("abort", stop);
      finished.resolve();
    }
  }

  if (signal.aborted) stop();
  else signal.addEventListener("abort", stop, { once: true });
  void run();
  return { readable, writable: queue.writable };
}
