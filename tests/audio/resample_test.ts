import { deepStrictEqual as deepEqual, ok, strictEqual as equal, throws } from "node:assert/strict";
import { createResampler } from "@/audio/resample.ts";
import { cut, fitTone, join, levelOf, tone } from "./tone.ts";

const RATES = [8_000, 16_000, 22_050, 24_000, 44_100, 48_000];
const PAIRS = RATES.flatMap((from) =>
  RATES.filter((to) => to !== from).map((to) => ({ from, to }))
);

for (const { from, to } of PAIRS) {
  Deno.test(`a tone from ${from} Hz to ${to} Hz keeps its level and time and 90 dB SNR`, () => {
    for (const frequency of [200, 1_000, 3_300]) {
      const whole = resample(tone(frequency, from, { seconds: 0.4 }), from, to);

      const settled = whole.subarray(Math.round(0.1 * to), Math.round(0.3 * to));
      const begin = Math.round(0.1 * to) / to;
      const fit = fitTone(settled, frequency, to);
      const late = (fit.delay + begin + 0.5 / frequency) % (1 / frequency) - 0.5 / frequency;

      ok(fit.snr >= 90, `${fit.snr} dB at ${frequency} Hz`);
      ok(Math.abs(20 * Math.log10(fit.amplitude / 0.8)) < 0.01, `${fit.amplitude}`);
      ok(Math.abs(late) < 1e-6, `${late} s`);
    }
  });
}

for (const from of [22_050, 24_000, 44_100, 48_000]) {
  Deno.test(`a tone that 16 kHz cannot hold does not come through from ${from} Hz`, () => {
    const frequency = 10_000;

    const whole = resample(tone(frequency, from, { seconds: 0.4 }), from, 16_000);

    const level = levelOf(whole.subarray(1_600, 4_800));
    ok(level < -90, `${level} dB`);
  });
}

for (const { from, to } of [{ from: 48_000, to: 16_000 }, { from: 44_100, to: 16_000 }]) {
  Deno.test(`chunks cut anywhere from ${from} Hz give bit by bit the whole`, () => {
    const samples = tone(440, from, { seconds: 0.5 });
    const whole = resample(samples, from, to);

    for (const sizes of [[1], [160, 7, 333], [4_096, 4_097], [5_000]]) {
      using resampler = createResampler(from, to);
      const pieces = cut(samples, sizes).map((piece) => resampler.process(piece));
      deepEqual(join([...pieces, resampler.flush()]), whole);
    }
  });
}

Deno.test("a stream of any length keeps its length in time", () => {
  for (const { from, to } of PAIRS) {
    for (const length of [0, 1, 39, 1_000, 12_345]) {
      const whole = resample(new Float32Array(length), from, to);

      equal(whole.length, Math.round(length * to / from), `${length} from ${from} to ${to}`);
    }
  }
});

Deno.test("what is heard at once lags by 40 samples of the lower rate", () => {
  using down = createResampler(48_000, 16_000);
  using up = createResampler(16_000, 48_000);

  const lower = down.process(new Float32Array(4_800));
  const higher = up.process(new Float32Array(1_600));

  equal(lower.length, 1_600 - 40);
  equal(higher.length, 4_800 - 3 * 40);
});

Deno.test("a flushed resampler starts anew", () => {
  const samples = tone(700, 24_000, { seconds: 0.1 });
  using resampler = createResampler(24_000, 16_000);

  const first = join([resampler.process(samples), resampler.flush()]);
  const second = join([resampler.process(samples), resampler.flush()]);

  deepEqual(second, first);
});

Deno.test("two streams at once do not mix", () => {
  const samples = tone(700, 24_000, { seconds: 0.1 });
  const alone = resample(samples, 24_000, 16_000);
  using one = createResampler(24_000, 16_000);
  using other = createResampler(24_000, 16_000);

  const pieces = cut(samples, [100]).map((piece) => {
    other.process(new Float32Array(50).fill(0.9));
    return one.process(piece);
  });

  deepEqual(join([...pieces, one.flush()]), alone);
});

Deno.test("equal rates give back what was given", () => {
  using resampler = createResampler(16_000, 16_000);
  const samples = tone(440, 16_000, { seconds: 0.01 });

  const result = resampler.process(samples);

  deepEqual(result, samples);
  equal(resampler.flush().length, 0);
});

Deno.test("a resampler that was disposed of cannot be used", () => {
  const resampler = createResampler(48_000, 16_000);

  resampler[Symbol.dispose]();
  resampler[Symbol.dispose]();

  throws(() => resampler.process(new Float32Array(10)), TypeError);
  throws(() => resampler.flush(), TypeError);
});

Deno.test("rates that are none are refused", () => {
  for (const rate of [0, -8_000, 0.5, NaN, Infinity]) {
    throws(() => createResampler(rate, 16_000), RangeError);
    throws(() => createResampler(16_000, rate), RangeError);
  }
});

Deno.test("thousands of resamplers in turn take no more memory than a few", () => {
  const grown = countMemoryGrowth();

  useResamplers(20);
  const before = grown.count;
  useResamplers(3_000);
  const after = grown.count;
  grown.restore();

  equal(after, before);
});

function resample(
  samples: Float32Array<ArrayBuffer>,
  from: number,
  to: number,
): Float32Array<ArrayBuffer> {
  using resampler = createResampler(from, to);
  return join([resampler.process(samples), resampler.flush()]);
}

function useResamplers(count: number): void {
  const samples = new Float32Array(320);
  for (let i = 0; i < count; i++) {
    using resampler = createResampler(44_100, 8_000);
    resampler.process(samples);
  }
}

/** Counts how often any wasm memory of this isolate grows. */
function countMemoryGrowth(): { count: number; restore(): void } {
  const { grow } = WebAssembly.Memory.prototype;
  const growth = {
    count: 0,
    restore: () => void (WebAssembly.Memory.prototype.grow = grow),
  };
  WebAssembly.Memory.prototype.grow = function (pages) {
    growth.count++;
    return grow.call(this, pages);
  };
  return growth;
}
