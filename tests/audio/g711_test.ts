import { deepStrictEqual as deepEqual, ok, strictEqual as equal } from "node:assert/strict";
import { decodeALaw, decodeMuLaw, encodeALaw, encodeMuLaw } from "@/audio/g711.ts";

const CODES = Array.from({ length: 256 }, (_, code) => code);

Deno.test("G.711 writes silence and the loudest values as the recommendation's tables do", () => {
  const values = [0, 1000, -1000, 32767, -32768];

  const mu = values.map(encodeMuLaw);
  const a = values.map(encodeALaw);

  deepEqual(mu, [0xff, 0xce, 0x4e, 0x80, 0x00]);
  deepEqual(a, [0xd5, 0xfa, 0x7a, 0xaa, 0x2a]);
});

Deno.test("G.711 reads the loudest codes as the recommendation's tables do", () => {
  const mu = [0x80, 0x00, 0xff].map(decodeMuLaw);
  const a = [0xaa, 0x2a, 0xd5].map(decodeALaw);

  deepEqual(mu, [32124, -32124, 0]);
  deepEqual(a, [32256, -32256, 8]);
});

Deno.test("every G.711 code is written again as itself, but µ-law's second silence", () => {
  const mu = CODES.filter((code) => encodeMuLaw(decodeMuLaw(code)) !== code);
  const a = CODES.filter((code) => encodeALaw(decodeALaw(code)) !== code);

  deepEqual(mu, [0x7f]);
  deepEqual(a, []);
});

Deno.test("G.711 is off by at most a thirty-second of the value, and by little near silence", () => {
  let worst = 0;

  for (let value = -32768; value <= 32767; value++) {
    for (const read of [decodeMuLaw(encodeMuLaw(value)), decodeALaw(encodeALaw(value))]) {
      worst = Math.max(worst, Math.abs(read - value) - Math.abs(value) / 32);
    }
  }

  ok(worst <= 16, `${worst}`);
});

Deno.test("G.711 writes a wave and its mirror image alike", () => {
  for (let value = 1; value <= 32767; value++) {
    equal(encodeMuLaw(value) ^ encodeMuLaw(-value), 0x80);
    equal(encodeALaw(value) ^ encodeALaw(-value), 0x80);
  }
});
