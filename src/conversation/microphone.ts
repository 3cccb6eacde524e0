import { createDecoder } from "@/audio/codec.ts";
import { SAMPLE_RATE, samplesToMs } from "@/audio/frame.ts";
import { createResampler } from "@/audio/resample.ts";
import { encodingOf, sameFormat, sampleRateOf } from "@/conversation/audio_format.ts";
import type { AudioFormat, SessionSettings } from "@/conversation/settings.ts";
import { InvalidRequest } from "@/errors.ts";
import type { MicrophoneInput } from "@/pipeline/detect_utterances.ts";

/** What a client sends of its user: audio, and commands that apply after all audio before them. */
export interface Microphone extends Disposable {
  /**
   * Audio in the format of `input`, cut anywhere. A change of format, like a command, starts a new stream of samples.
   *
   * @throws {InvalidRequest} if without turn detection more than {@linkcode MAX_BUFFER_MS} wait for a commit: they
   * are dropped
   */
  append(bytes: Uint8Array<ArrayBuffer>, input: InputSettings): void;
  /** Resolves to the id of the utterance that was closed, or `undefined` if less than 100 ms were there. */
  commit(): Promise<string | undefined>;
  clear(): Promise<void>;
  /** Audio handed over since the beginning, in ms: the clock that utterances are told in. */
  writtenMs(): number;
}

/** Where {@linkcode createMicrophone} sends to, and its clock. */
export interface MicrophoneOptions {
  readonly sink: WritableStream<MicrophoneInput>;
  /** ms. */
  readonly now: () => number;
}

/** What of a session's settings the microphone goes by. */
export type InputSettings = Pick<SessionSettings["audio"]["input"], "format" | "turn_detection">;

/** Audio that may wait for a client's commit, in ms: 10 minutes, the protocol's. */
export const MAX_BUFFER_MS = 600_000;

/** Turns a client's bytes into 16 kHz samples for `detectUtterances`, which takes them at arrival speed. */
export function createMicrophone({ sink, now }: MicrophoneOptions): Microphone {
  const writer = sink.getWriter();
  writer.closed.then(release, release); // the session's end errors the sink; there is nobody left to tell
  const unsettled = new Set<() => void>();
  let line: InputLine | undefined;
  let written = 0;
  let uncommitted = 0; // samples that nobody but the client makes a turn of
  let over = false;

  function release(): void {
    over = true;
    for (const settle of unsettled) settle();
  }

  function write(input: MicrophoneInput): void {
    writer.write(input).catch(() => {}); // as above
  }

  function hear(samples: Float32Array<ArrayBuffer>): void {
    if (samples.length === 0) return;
    written += samples.length;
    write({ kind: "audio", samples, at: now() });
  }

  /** Hands over what the line is behind. Of a sample cut in two the rest never came: it would shift all that follows. */
  function endLine(): void {
    const rest = line?.flush();
    line?.[Symbol.dispose]();
    line = undefined;
    if (rest !== undefined) hear(rest);
  }

  /** Sends a command after all audio so far. Settles when it is done, or never will be. */
  function command<T>(
    toInput: (settled: (value?: T) => void) => MicrophoneInput,
  ): Promise<T | undefined> {
    const { promise, resolve } = Promise.withResolvers<T | undefined>();
    if (over) resolve(undefined);
    function settle(value?: T): void {
      unsettled.delete(settle);
      resolve(value);
    }
    unsettled.add(settle);
    endLine();
    uncommitted = 0;
    write(toInput(settle));
    return promise;
  }

  async function clear(): Promise<void> {
    await command<void>((settled) => ({ kind: "clear", settled }));
  }

  return {
    append(bytes, { format, turn_detection }) {
      if (line === undefined || !sameFormat(line.format, format)) {
        endLine();
        line = openLine(format);
      }
      const samples = line.decode(bytes);
      uncommitted = turn_detection === null ? uncommitted + samples.length : 0;
      if (uncommitted > MAX_BUFFER_MS / 1000 * SAMPLE_RATE) {
        void clear();
        throw new InvalidRequest(
          `The input audio buffer is cleared: it held more than ${MAX_BUFFER_MS / 60_000} minutes`,
          { code: "input_audio_buffer_overflow" },
        );
      }
      hear(samples);
    },
    commit: () => command((settled) => ({ kind: "commit", settled })),
    clear,
    writtenMs: () => samplesToMs(written),
    [Symbol.dispose]() {
      line?.[Symbol.dispose]();
      line = undefined;
      writer.abort().catch(() => {}); // already errored
    },
  };
}

/** Bytes of one format in, samples at {@linkcode SAMPLE_RATE} out. */
interface InputLine extends Disposable {
  readonly format: AudioFormat;
  decode(bytes: Uint8Array<ArrayBuffer>): Float32Array<ArrayBuffer>;
  /** The samples that the resampler is behind. */
  flush(): Float32Array<ArrayBuffer>;
}

function openLine(format: AudioFormat): InputLine {
  const decode = createDecoder(encodingOf(format));
  const resampler = createResampler(sampleRateOf(format), SAMPLE_RATE);
  return {
    format,
    decode: (bytes) => resampler.process(decode(bytes)),
    flush: () => resampler.flush(),
    [Symbol.dispose]: () => resampler[Symbol.dispose](),
  };
}
