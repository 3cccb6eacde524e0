import { ok, strictEqual as equal, throws } from "node:assert/strict";
import { createOpusDecoder, createOpusEncoder } from "@/audio/opus.ts";
import { UnreadableAudio } from "@/audio/unreadable_audio.ts";
import { cut, fitTone, join, tone } from "./tone.ts";

const PITCH = 440;
const RATE = 24_000;
const PACKET = [480];

function packetsOf(samples: Float32Array<ArrayBuffer>): Uint8Array<ArrayBuffer>[] {
  using encoder = createOpusEncoder(RATE);
  return cut(samples, PACKET).map((piece) => encoder.encode(piece));
}

Deno.test("a tone written as Opus is read again, at another rate too", () => {
  const packets = packetsOf(tone(PITCH, RATE, { seconds: 1, amplitude: 0.5 }));

  for (const rate of [24_000, 16_000] as const) {
    using decoder = createOpusDecoder(rate);
    const heard = join(packets.map((packet) => decoder.decode(packet)));

    const { amplitude, snr } = fitTone(heard.subarray(rate / 4, rate * 3 / 4), PITCH, rate);
    equal(heard.length, rate);
    ok(Math.abs(amplitude - 0.5) < 0.03 && snr > 20, `${amplitude}, ${snr} dB`);
  }
});

Deno.test("Opus needs about 32 kbit/s", () => {
  const packets = packetsOf(tone(PITCH, RATE, { seconds: 2 }));

  const bits = 8 * packets.reduce((sum, packet) => sum + packet.length, 0) / 2;

  ok(bits > 16_000 && bits < 48_000, `${bits}`);
});

Deno.test("the encoder says how late what it writes is", () => {
  using encoder = createOpusEncoder(RATE);

  ok(encoder.delay > 0 && encoder.delay < RATE / 50, `${encoder.delay}`);
});

Deno.test("two streams at once do not mix", () => {
  const [low, high] = [300, 700].map((pitch) => packetsOf(tone(pitch, RATE, { seconds: 1 })));
  using one = createOpusDecoder(RATE);
  using two = createOpusDecoder(RATE);
  const [first, second]: Float32Array<ArrayBuffer>[][] = [[], []];

  low!.forEach((packet, i) => {
    first!.push(one.decode(packet));
    second!.push(two.decode(high![i]!));
  });

  ok(fitTone(join(first!).subarray(RATE / 4), 300, RATE).snr > 20);
  ok(fitTone(join(second!).subarray(RATE / 4), 700, RATE).snr > 20);
});

Deno.test("louder than full scale is clipped", () => {
  const packets = packetsOf(tone(PITCH, RATE, { seconds: 1, amplitude: 4 }));
  using decoder = createOpusDecoder(RATE);

  const heard = join(packets.map((packet) => decoder.decode(packet)));

  const { amplitude } = fitTone(heard.subarray(RATE / 4, RATE * 3 / 4), PITCH, RATE);
  ok(amplitude > 1 && amplitude < 1.4, `${amplitude}`); // a square wave's first harmonic is 4/π
});

Deno.test("packets of garbage are read or refused, and the good ones after them are read", () => {
  using decoder = createOpusDecoder(RATE);
  let refused = 0;

  for (let length = 0; length < 300; length++) {
    const packet = crypto.getRandomValues(new Uint8Array(length));
    try {
      ok(decoder.decode(packet).length <= RATE * 0.12);
    } catch (error) {
      ok(error instanceof UnreadableAudio);
      refused++;
    }
  }
  const [good] = packetsOf(tone(PITCH, RATE, { seconds: 0.02 }));

  ok(refused > 10, `${refused}`);
  equal(decoder.decode(good!).length, 480);
});

Deno.test("a packet longer than any is refused", () => {
  using decoder = createOpusDecoder(RATE);

  throws(() => decoder.decode(new Uint8Array(100_000)), UnreadableAudio);
});
