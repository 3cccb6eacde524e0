import { deepStrictEqual as deepEqual, ok, strictEqual as equal, throws } from "node:assert/strict";
import { createWavDecoder, decodeWav, encodeWav } from "@/audio/wav.ts";

const SAMPLES = Float32Array.of(0, 0.25, -0.5, -1);

Deno.test("a WAV file that was written is read again", () => {
  const file = encodeWav({ samples: SAMPLES, sampleRate: 24_000 });

  const recording = decodeWav(file);

  deepEqual(recording, { samples: SAMPLES, sampleRate: 24_000 });
});

Deno.test("a WAV file's header states its lengths", () => {
  const file = encodeWav({ samples: SAMPLES, sampleRate: 8_000 });

  const view = new DataView(file.buffer);
  equal(view.getUint32(4, true), file.length - 8);
  equal(view.getUint32(40, true), 8);
  equal(view.getUint32(28, true), 16_000);
});

Deno.test("both channels of a stereo WAV file are mixed", () => {
  const file = wav({ channels: 2, data: [0.5, -0.25, 1, 0] });

  const { samples } = decodeWav(file);

  deepEqual([...samples], [0.125, 32767 / 65536]);
});

Deno.test("chunks that a WAV file also holds are skipped, even of odd length", () => {
  const file = wav({
    before: chunk("LIST", [1, 2, 3, 0]),
    listLength: 3,
    after: chunk("id3 ", [9]),
  });

  const { samples } = decodeWav(file);

  deepEqual(samples, SAMPLES);
});

Deno.test("a streamed WAV file goes on to its end, whatever its lengths say", () => {
  for (const length of [0, 0xffffffff, 0x7fffffff, 1_000]) {
    const file = wav({ dataLength: length, riffLength: length });

    const { samples } = decodeWav(file);

    deepEqual(samples, SAMPLES, `${length}`);
  }
});

Deno.test("an empty WAV file is empty, though another chunk follows", () => {
  const file = wav({ data: [], after: chunk("LIST", [1, 2, 3, 4]) });

  const { samples } = decodeWav(file);

  equal(samples.length, 0);
});

Deno.test("half a sample at the end of a WAV file is dropped", () => {
  const file = encodeWav({ samples: SAMPLES, sampleRate: 16_000 }).subarray(0, -1);

  const { samples } = decodeWav(file);

  equal(samples.length, SAMPLES.length - 1);
});

Deno.test("the extensible form of PCM is read", () => {
  const file = wav({
    format: 0xfffe,
    extension: [22, 0, 16, 0, 4, 0, 0, 0, 1, 0, ...Array(14).fill(0)],
  });

  const { samples } = decodeWav(file);

  deepEqual(samples, SAMPLES);
});

Deno.test("a WAV file read as it comes gives the same, wherever it is cut", () => {
  const files = [
    wav({ before: chunk("LIST", [1, 2, 3, 0]), listLength: 3, after: chunk("id3 ", [9]) }),
    wav({ channels: 2, data: [0.5, -0.25, 1, 0, 0.125, 0.25] }),
    wav({ format: 0xfffe, extension: [22, 0, 16, 0, 4, 0, 0, 0, 1, 0, ...Array(14).fill(0)] }),
    wav({ dataLength: 0, riffLength: 0 }),
  ];

  for (const file of files) {
    for (const size of [1, 2, 3, 7, 45]) {
      const decoder = createWavDecoder();
      const samples: number[] = [];
      for (let at = 0; at < file.length; at += size) {
        samples.push(...decoder.decode(file.subarray(at, at + size)));
        if (samples.length > 0) equal(decoder.sampleRate, 16_000);
      }

      deepEqual(
        { samples: Float32Array.from(samples), sampleRate: decoder.end() },
        decodeWav(file),
      );
    }
  }
});

Deno.test("a WAV file whose audio does not begin is given up", () => {
  const decoder = createWavDecoder();
  decoder.decode(wav({}).subarray(0, 36));
  decoder.decode(Uint8Array.from(chunk("LIST", [], 0xfffffff0)));

  throws(() => {
    for (let i = 0; i < 20; i++) decoder.decode(new Uint8Array(100_000));
  }, /no audio in its first 1000000 bytes/);
});

Deno.test("a WAV file that has not begun says so at its end", () => {
  const decoder = createWavDecoder();
  decoder.decode(wav({}).subarray(0, 36));

  equal(decoder.sampleRate, undefined);
  throws(() => decoder.end(), /holds no data/);
});

const REFUSED: readonly (readonly [string, Uint8Array, RegExp])[] = [
  ["nothing", new Uint8Array(0), /Not a WAV file/],
  ["text", new TextEncoder().encode("RIFFRAFF and nothing else"), /Not a WAV file/],
  ["a file without audio", wav({ data: [] }).subarray(0, 36), /holds no data/],
  ["a file that ends within its format", wav({}).subarray(0, 30), /ends within its format/],
  [
    "audio before its format",
    new Uint8Array([...wav({}).subarray(0, 12), ...chunk("data", [0, 0])]),
    /before/,
  ],
  ["float samples", wav({ format: 3, bits: 32 }), /format 3 of 32 bits/],
  ["8-bit samples", wav({ bits: 8 }), /8 bits/],
  ["six channels", wav({ channels: 6 }), /6 channels/],
  ["a rate too low", wav({ sampleRate: 4_000 }), /4000 Hz/],
  ["a rate too high", wav({ sampleRate: 96_000 }), /96000 Hz/],
];
for (const [what, file, message] of REFUSED) {
  Deno.test(`${what} is refused, saying why`, () => {
    throws(
      () => decodeWav(file),
      (error) => error instanceof TypeError && message.test(error.message),
    );
  });
}

Deno.test("garbage after a good beginning does no harm", () => {
  for (let i = 0; i < 200; i++) {
    const file = crypto.getRandomValues(new Uint8Array(200));
    file.set(
      encodeWav({ samples: new Float32Array(0), sampleRate: 16_000 }).subarray(0, 12 + i % 30),
    );
    try {
      ok(decodeWav(file).samples.length <= 100);
    } catch (error) {
      ok(error instanceof TypeError);
    }
  }
});

interface Shape {
  format?: number;
  channels?: number;
  sampleRate?: number;
  bits?: number;
  extension?: number[];
  before?: number[];
  listLength?: number;
  data?: number[];
  dataLength?: number;
  riffLength?: number;
  after?: number[];
}

function wav(shape: Shape): Uint8Array {
  const { format = 1, channels = 1, sampleRate = 16_000, bits = 16, extension = [] } = shape;
  const { before = [], after = [] } = shape;
  const data = [
    ...encodeWav({
      samples: Float32Array.from(shape.data ?? SAMPLES),
      sampleRate,
    }).subarray(44),
  ];
  if (shape.listLength !== undefined) before[4] = shape.listLength;
  const dataChunk = chunk("data", data, shape.dataLength);
  const fields = [...le(format, 2), ...le(channels, 2), ...le(sampleRate, 4)];
  fields.push(...le(0, 4), ...le(0, 2), ...le(bits, 2), ...extension);
  const body = [...before, ...chunk("fmt ", fields), ...dataChunk, ...after];
  const form = [...new TextEncoder().encode("WAVE"), ...body];
  return Uint8Array.from(chunk("RIFF", form, shape.riffLength));
}

function chunk(name: string, data: number[], length = data.length): number[] {
  return [...new TextEncoder().encode(name), ...le(length, 4), ...data];
}

function le(value: number, bytes: number): number[] {
  return Array.from({ length: bytes }, (_, i) => Math.floor(value / 256 ** i) % 256);
}
