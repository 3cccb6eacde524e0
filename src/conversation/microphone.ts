import { createDecoder, type SampleEncoding } from "@/audio/codec.ts";
import { SAMPLE_RATE } from "@/audio/frame.ts";
import { createResampler } from "@/audio/resample.ts";
import type { AudioFormat } from "@/conversation/settings.ts";
import type { MicrophoneInput } from "@/pipeline/detect_utterances.ts";

/** What a client sends of its user: audio, and commands that apply after all audio before them. */
export interface Microphone extends Disposable {
  /** Audio in `format`, cut anywhere. A change of format, like a command, starts a new stream of samples. */
  append(bytes: Uint8Array<ArrayBuffer>, format: AudioFormat): void;
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

/** Turns a client's bytes into 16 kHz samples for `detectUtterances`, which takes them at arrival speed. */
export function createMicrophone({ sink, now }: MicrophoneOptions): Microphone {
  const writer = sink.getWriter();
  writer.closed.catch(() => {}); // the session's end errors the sink; there is nobody left to tell
  let line: InputLine | undefined;
  let written = 0;

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

  return {
    append(bytes, format) {
      if (line === undefined || !sameFormat(line.format, format)) {
        endLine();
        line = openLine(format);
      }
      hear(line.decode(bytes));
    },
    commit() {
      const { promise, resolve } = Promise.withResolvers<string | undefined>();
      writer.closed.then(() => resolve(undefined), () => resolve(undefined));
      endLine();
      write({ kind: "commit", settled: resolve });
      return promise;
    },
    clear() {
      const { promise, resolve } = Promise.withResolvers<void>();
      writer.closed.then(resolve, () => resolve());
      endLine();
      write({ kind: "clear", settled: resolve });
      return promise;
    },
    writtenMs: () => written / SAMPLE_RATE * 1000,
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

/** Rate of a wire format, in Hz: G.711 is always 8000. */
export function sampleRateOf(format: AudioFormat): number {
  return format.type === "audio/pcm" ? format.rate : 8000;
}

/** How a wire format writes one sample. */
export function encodingOf(format: AudioFormat): SampleEncoding {
  switch (format.type) {
    case "audio/pcm":
      return "pcm16";
    case "audio/pcmu":
      return "pcmu";
    case "audio/pcma":
      return "pcma";
  }
}

function sameFormat(a: AudioFormat, b: AudioFormat): boolean {
  return a.type === b.type && sampleRateOf(a) === sampleRateOf(b);
}
