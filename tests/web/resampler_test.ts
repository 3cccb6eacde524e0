import { deepStrictEqual as deepEqual, ok } from "node:assert/strict";
import { Resampler } from "@/web/resampler.ts";

function tone(hz: number, rate: number, seconds: number): Float32Array {
  return Float32Array.from(
    { length: rate * seconds },
    (_, i) => 0.5 * Math.sin(2 * Math.PI * hz * i / rate),
  );
}

/** Power of what is left of a signal when the best fitting tone is taken away, in dB of that tone. */
function noiseBelow(signal: Float32Array, hz: number, rate: number): number {
  const middle = signal.subarray(1000, -1000);
  let [ss, cc, sc, xs, xc] = [0, 0, 0, 0, 0];
  middle.forEach((x, i) => {
    const [s, c] = [Math.sin(2 * Math.PI * hz * i / rate), Math.cos(2 * Math.PI * hz * i / rate)];
    [ss, cc, sc, xs, xc] = [ss + s * s, cc + c * c, sc + s * c, xs + x * s, xc + x * c];
  });
  const determinant = ss * cc - sc * sc;
  const [a, b] = [(xs * cc - xc * sc) / determinant, (xc * ss - xs * sc) / determinant];
  let [fit, rest] = [0, 0];
  middle.forEach((x, i) => {
    const y = a * Math.sin(2 * Math.PI * hz * i / rate) + b * Math.cos(2 * Math.PI * hz * i / rate);
    [fit, rest] = [fit + y * y, rest + (x - y) ** 2];
  });
  return 10 * Math.log10(rest / fit);
}

function power(signal: Float32Array): number {
  return 10 * Math.log10(signal.reduce((sum, x) => sum + x * x, 0) / signal.length);
}

for (const rate of [16_000, 44_100, 48_000, 96_000]) {
  Deno.test(`a tone at ${rate} Hz stays a clean tone at 24000 Hz`, () => {
    const output = new Resampler(rate, 24_000).process(tone(1000, rate, 1));

    ok(noiseBelow(output, 1000, 24_000) < -75);
    ok(Math.abs(power(output.subarray(1000, -1000)) - power(tone(1000, rate, 1))) < 0.1);
    ok(Math.abs(output.length - 24_000) <= 60, `${output.length} samples`);
  });
}

Deno.test("a tone at 24000 Hz stays a clean tone at 44100 Hz", () => {
  const output = new Resampler(24_000, 44_100).process(tone(3000, 24_000, 1));

  ok(noiseBelow(output, 3000, 44_100) < -75);
});

Deno.test("what the lower rate cannot hold is silenced, not folded back", () => {
  const output = new Resampler(48_000, 24_000).process(tone(14_000, 48_000, 1));

  ok(power(output.subarray(1000, -1000)) < -80);
});

Deno.test("chunks cut anywhere make the same sound as the whole", () => {
  const input = tone(700, 44_100, 0.5);
  const whole = new Resampler(44_100, 24_000).process(input);
  const resampler = new Resampler(44_100, 24_000);
  const cut: number[] = [];
  let at = 0;
  for (let size = 0; at < input.length; size = (size * 7 + 1) % 300) {
    cut.push(...resampler.process(input.subarray(at, at + size)));
    at += size;
  }

  deepEqual(cut, [...whole]);
});
