import initRnnoise from "@echogarden/rnnoise-wasm";
import { type EmscriptenModule, wasmBeside } from "@/audio/emscripten.ts";
import { type AudioFrame, FRAME_SAMPLES, SAMPLE_RATE } from "@/audio/frame.ts";
import { createFramer } from "@/audio/frames.ts";
import { createResampler } from "@/audio/resample.ts";

/** Takes the noise out of one stream of frames. Its owner disposes of it. */
export interface Denoiser extends Disposable {
  /** The next denoised frame. What it holds was said {@linkcode DENOISER_DELAY_MS} before. */
  process(frame: AudioFrame): AudioFrame;
}

/** The only rate that RNNoise was trained for, in Hz. */
const RNNOISE_RATE = 48_000;

/** Samples that RNNoise takes at a time: 10 ms. Its result is that of the 10 ms before. */
const RNNOISE_SAMPLES = 480;

/** RNNoise wants samples as 16-bit values, though in floats. */
const RNNOISE_SCALE = 32_768;

/**
 * Samples of silence before the first result, so that there is always a whole frame to return. The worst case is
 * the first frame: of its 512 × 3 samples at 48 kHz, 3 × 40 are still in the resampler and 456 do not fill up the
 * 480 that RNNoise takes; then 120 are in the other resampler. Together 696, which is 232 at 16 kHz.
 */
const WAIT_SAMPLES = 232;

/** How much later the denoised audio is, in ms: 14.5 to cut it for RNNoise and 10 within RNNoise. */
export const DENOISER_DELAY_MS = (WAIT_SAMPLES / SAMPLE_RATE + RNNOISE_SAMPLES / RNNOISE_RATE) *
  1000;

interface Rnnoise extends EmscriptenModule {
  _rnnoise_create(model: number): number;
  _rnnoise_destroy(state: number): void;
  /** Returns the likelihood of speech. */
  _rnnoise_process_frame(state: number, output: number, input: number): number;
}

/** One module for all denoisers: each is a state in its memory. */
const rnnoise: Rnnoise = await initRnnoise({
  wasmBinary: await wasmBeside(
    import.meta.resolve("@echogarden/rnnoise-wasm"),
    "rnnoise.wasm",
  ),
});
/** Shared by all, since a call begins and ends with nothing between. */
const buffer = rnnoise._malloc(RNNOISE_SAMPLES * 4);

/** Starts denoising a stream of 16 kHz frames with RNNoise. */
export function createDenoiser(): Denoiser {
  return new RnnoiseDenoiser();
}

class RnnoiseDenoiser implements Denoiser {
  /** Address of the library's state; 0 once it is freed. */
  #state = rnnoise._rnnoise_create(0);
  readonly #up = createResampler(SAMPLE_RATE, RNNOISE_RATE);
  readonly #down = createResampler(RNNOISE_RATE, SAMPLE_RATE);
  readonly #framer = createFramer();
  /** What RNNoise takes next, so far. */
  readonly #block = new Float32Array(RNNOISE_SAMPLES);
  #filled = 0;

  constructor() {
    this.#framer.push(new Float32Array(WAIT_SAMPLES));
  }

  process(frame: AudioFrame): AudioFrame {
    if (this.#state === 0) throw new TypeError("The denoiser has been disposed of");
    if (frame.length !== FRAME_SAMPLES) {
      throw new RangeError(`A frame has ${FRAME_SAMPLES} samples, not ${frame.length}`);
    }
    const samples = this.#up.process(frame);
    const frames: AudioFrame[] = [];
    for (let read = 0; read < samples.length;) {
      const part = samples.subarray(read, read + RNNOISE_SAMPLES - this.#filled);
      this.#block.set(part, this.#filled);
      this.#filled += part.length;
      read += part.length;
      if (this.#filled === RNNOISE_SAMPLES) {
        frames.push(...this.#framer.push(this.#down.process(this.#denoiseBlock())));
        this.#filled = 0;
      }
    }
    return frames[0]!;
  }

  [Symbol.dispose](): void {
    if (this.#state === 0) return;
    rnnoise._rnnoise_destroy(this.#state);
    this.#state = 0;
    this.#up[Symbol.dispose]();
    this.#down[Symbol.dispose]();
  }

  #denoiseBlock(): Float32Array<ArrayBuffer> {
    const at = buffer / 4;
    rnnoise.HEAPF32.set(this.#block.map((sample) => sample * RNNOISE_SCALE), at);
    rnnoise._rnnoise_process_frame(this.#state, buffer, buffer);
    return rnnoise.HEAPF32.slice(at, at + RNNOISE_SAMPLES).map((value) => value / RNNOISE_SCALE);
  }
}
