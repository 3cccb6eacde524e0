import initKissFft from "@echogarden/kissfft-wasm";
import wasm from "@echogarden/kissfft-wasm/kissfft.wasm" with { type: "bytes" };
import type { EmscriptenModule } from "@/audio/emscripten.ts";
import { SAMPLE_RATE } from "@/audio/frame.ts";
import { melFilters } from "@/engines/asr/whisper/mel_filters.ts";

/** Mel bands: those of every Whisper model but large-v3. */
export const MEL_BANDS = 80;

/** Frames of 10 ms in the window of 30 s that Whisper hears at a time. */
export const MEL_FRAMES = 3000;

/** Samples that fit into the window. */
const WINDOW_SAMPLES = 30 * SAMPLE_RATE;

/** Samples from one frame to the next, and in one. */
const HOP = 160;
const FFT_SAMPLES = 400;
const BINS = FFT_SAMPLES / 2 + 1;

/** What counts as no energy at all. */
const SILENCE = 1e-10;

interface KissFft extends EmscriptenModule {
  _kiss_fftr_alloc(samples: number, inverse: number, memory: number, length: number): number;
  /** Real samples to BINS pairs of real and imaginary parts. */
  _kiss_fftr(plan: number, input: number, output: number): void;
}

/** A periodic Hann window. */
const WINDOW = Float32Array.from(
  { length: FFT_SAMPLES },
  (_, i) => 0.5 - 0.5 * Math.cos(2 * Math.PI * i / FFT_SAMPLES),
);

const FILTERS = melFilters({ bands: MEL_BANDS, bins: BINS, hzPerBin: SAMPLE_RATE / FFT_SAMPLES });

/**
 * What Whisper hears of a segment: 80 × 3000 values, band by band. As OpenAI's `log_mel_spectrogram` computes it:
 * the logarithm of the energy in 80 mel bands, every 10 ms, of the segment and the silence that fills it up to 30 s;
 * 80 dB below the loudest is the floor.
 *
 * @param samples 16 kHz, 30 s at most; the rest is left out.
 */
export type LogMel = (samples: Float32Array) => Float32Array<ArrayBuffer>;

/** Loads what computes it. */
export async function createLogMel(): Promise<LogMel> {
  const powerOf = await createPowerSpectrum();

  return (samples) => {
    const heard = samples.subarray(0, WINDOW_SAMPLES);
    // Beyond the last frame that holds a sample, all is silence.
    const frames = Math.min(MEL_FRAMES, Math.ceil((heard.length + FFT_SAMPLES / 2) / HOP));
    const mel = new Float32Array(MEL_BANDS * MEL_FRAMES).fill(Math.log10(SILENCE));
    let loudest = Math.log10(SILENCE);
    for (let frame = 0; frame < frames; frame++) {
      const power = powerOf(heard, frame * HOP - FFT_SAMPLES / 2);
      for (const [band, { first, weights }] of FILTERS.entries()) {
        let energy = 0;
        for (let i = 0; i < weights.length; i++) energy += weights[i]! * power[first + i]!;
        const level = Math.log10(Math.max(energy, SILENCE));
        mel[band * MEL_FRAMES + frame] = level;
        if (level > loudest) loudest = level;
      }
    }
    for (let i = 0; i < mel.length; i++) mel[i] = (Math.max(mel[i]!, loudest - 8) + 4) / 4;
    return mel;
  };
}

/** The power in each bin of the frame that begins at a sample; in memory that the next call uses again. */
type PowerSpectrum = (samples: Float32Array, start: number) => Float32Array;

async function createPowerSpectrum(): Promise<PowerSpectrum> {
  const kissFft: KissFft = await initKissFft({ wasmBinary: wasm });
  const plan = kissFft._kiss_fftr_alloc(FFT_SAMPLES, 0, 0, 0);
  const input = kissFft._malloc(FFT_SAMPLES * 4);
  const output = kissFft._malloc(BINS * 2 * 4);
  const power = new Float32Array(BINS);

  return (samples, start) => {
    const frame = kissFft.HEAPF32.subarray(input / 4);
    for (let i = 0; i < FFT_SAMPLES; i++) frame[i] = WINDOW[i]! * sampleAt(samples, start + i);
    kissFft._kiss_fftr(plan, input, output);
    const parts = kissFft.HEAPF32.subarray(output / 4);
    for (let bin = 0; bin < BINS; bin++) {
      power[bin] = parts[2 * bin]! ** 2 + parts[2 * bin + 1]! ** 2;
    }
    return power;
  };
}

/** A sample of the window of 30 s, which is mirrored at both of its ends. */
function sampleAt(samples: Float32Array, index: number): number {
  const within = index < WINDOW_SAMPLES ? index : 2 * (WINDOW_SAMPLES - 1) - index;
  return samples[Math.abs(within)] ?? 0;
}
