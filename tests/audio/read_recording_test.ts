import { ok, rejects, strictEqual as equal } from "node:assert/strict";
import { SAMPLE_RATE } from "@/audio/frame.ts";
import { readRecording } from "@/audio/read_recording.ts";
import { SPEECH_ENCODERS, SPEECH_RATE } from "@/audio/speech_encoders.ts";
import { UnreadableAudio } from "@/audio/unreadable_audio.ts";
import { fitTone, join, tone } from "./tone.ts";
import { wavFile, type WavShape } from "./wav_files.ts";

const PITCH = 440;
const SECOND = tone(PITCH, SAMPLE_RATE, { seconds: 1, amplitude: 0.5 });

async function readAll(file: Uint8Array<ArrayBuffer>): Promise<Float32Array<ArrayBuffer>> {
  return join(await Array.fromAsync(readRecording(file, { sampleRate: SAMPLE_RATE })));
}

async function written(format: "mp3" | "opus"): Promise<Uint8Array<ArrayBuffer>> {
  const speech = ReadableStream.from([tone(PITCH, SPEECH_RATE, { seconds: 1, amplitude: 0.5 })]);
  return await new Blob(await Array.fromAsync(SPEECH_ENCODERS[format](speech))).bytes();
}

async function fixture(name: string): Promise<Uint8Array<ArrayBuffer>> {
  return await Deno.readFile(new URL(`./fixtures/${name}`, import.meta.url));
}

/** Of the middle: codecs fade in and out. */
function fitMiddle(samples: Float32Array<ArrayBuffer>) {
  return fitTone(samples.subarray(4000, 12_000), PITCH, SAMPLE_RATE);
}

const WAV_SHAPES: readonly (readonly [string, WavShape, number])[] = [
  ["8-bit PCM", { code: 1, bits: 8 }, 40],
  ["16-bit PCM", { code: 1, bits: 16 }, 80],
  ["24-bit PCM", { code: 1, bits: 24 }, 100],
  ["32-bit PCM", { code: 1, bits: 32 }, 100],
  ["32-bit float", { code: 3, bits: 32 }, 100],
  ["64-bit float", { code: 3, bits: 64 }, 100],
  ["A-law", { code: 6, bits: 8 }, 30],
  ["µ-law", { code: 7, bits: 8 }, 30],
];
for (const [name, shape, snr] of WAV_SHAPES) {
  Deno.test(`a WAV file of ${name} sounds as it was written`, async () => {
    const file = wavFile(SECOND, shape);

    const samples = await readAll(file);

    const fit = fitMiddle(samples);
    equal(samples.length, SAMPLE_RATE);
    ok(Math.abs(fit.amplitude - 0.5) < 0.01, `${fit.amplitude}`);
    ok(fit.snr > snr, `${fit.snr} dB`);
  });
}

// tone.flac and tone.webm are one second of 440 Hz at half amplitude, made with ffmpeg (its webm through a pipe, so that
// it has neither lengths nor an index, as a browser's MediaRecorder writes it)
const FILES: readonly (readonly [string, () => Promise<Uint8Array<ArrayBuffer>>, number])[] = [
  ["MP3", () => written("mp3"), 30],
  ["Opus in Ogg", () => written("opus"), 20],
  ["Opus in WebM", () => fixture("tone.webm"), 20],
  ["FLAC", () => fixture("tone.flac"), 80],
];
for (const [name, file, snr] of FILES) {
  Deno.test(`a file of ${name} sounds as it was written, and is as long`, async () => {
    const samples = await readAll(await file());

    const fit = fitMiddle(samples);
    ok(Math.abs(samples.length / SAMPLE_RATE - 1) < 0.12, `${samples.length}`);
    ok(Math.abs(fit.amplitude - 0.5) < 0.03, `${fit.amplitude}`);
    ok(fit.snr > snr, `${fit.snr} dB`);
  });
}

Deno.test("two channels at 44.1 kHz become one at 16 kHz", async () => {
  const left = tone(PITCH, 44_100, { seconds: 1, amplitude: 0.5 });
  const stereo = Float32Array.from({ length: 2 * left.length }, (_, i) => i % 2 ? 0 : left[i / 2]!);

  const samples = await readAll(
    wavFile(stereo, { code: 1, bits: 16, channels: 2, sampleRate: 44_100 }),
  );

  equal(samples.length, SAMPLE_RATE);
  ok(Math.abs(fitMiddle(samples).amplitude - 0.25) < 0.01);
});

for (const lengths of [0, 0xffff_ffff, 0x7fff_f000]) {
  Deno.test(`a WAV file that says it has ${lengths} bytes, since its writer did not know, is read to its end`, async () => {
    const samples = await readAll(wavFile(SECOND, { code: 1, bits: 16, lengths }));

    equal(samples.length, SAMPLE_RATE);
  });
}

const text = new TextEncoder();
const REFUSED: readonly (readonly [string, () => Promise<Uint8Array<ArrayBuffer>>, RegExp])[] = [
  ["nothing", () => Promise.resolve(new Uint8Array()), /^it is empty$/],
  [
    "text",
    () => Promise.resolve(text.encode("What a beautiful day! ".repeat(999))),
    /^it is not WAV/,
  ],
  [
    "noise",
    () => Promise.resolve(crypto.getRandomValues(new Uint8Array(65_536))),
    /^it is not WAV/,
  ],
  [
    "a WAV file without samples",
    () => Promise.resolve(wavFile(new Float32Array(), { code: 1, bits: 16 })),
    /^it holds no audio$/,
  ],
  [
    "a WAV file of ADPCM",
    () => Promise.resolve(wavFile(SECOND, { code: 2, bits: 8 })),
    /cannot be decoded/,
  ],
  [
    "a rate that is none",
    () => Promise.resolve(wavFile(SECOND, { code: 1, bits: 16, sampleRate: 400_000 })),
    /400000 Hz/,
  ],
  [
    "half a WAV file",
    () => Promise.resolve(wavFile(SECOND, { code: 1, bits: 16 }).slice(0, 16_000)),
    /cut off/,
  ],
  ["half a FLAC file", async () => (await fixture("tone.flac")).slice(0, 9_000), /cut off/],
  ["a FLAC file broken between two frames", async () => {
    const file = await fixture("tone.flac");
    const at = Math.floor(file.length * 0.6);
    return file.fill(0xff, at, at + 300);
  }, /not FLAC/],
  ["half an Ogg page", async () => (await written("opus")).slice(0, 2000), /broken, cut off/],
];
for (const [what, file, reason] of REFUSED) {
  Deno.test(`${what} is refused, saying why`, async () => {
    const bytes = await file();

    await rejects(
      readAll(bytes),
      (error) => error instanceof UnreadableAudio && reason.test(error.message),
    );
  });
}

Deno.test("an MP3 that is cut off is read as far as it goes", async () => {
  const file = await written("mp3");

  const samples = await readAll(file.slice(0, file.length / 2));

  ok(samples.length > 0.3 * SAMPLE_RATE && samples.length < 0.7 * SAMPLE_RATE);
});

Deno.test("whatever is broken in a file, it is read or refused, and nothing else", async () => {
  const files = [
    wavFile(SECOND, { code: 1, bits: 16 }),
    ...await Promise.all(FILES.map(([, file]) => file())),
  ];
  let refused = 0;

  for (const file of files) {
    for (let part = 0; part < 12; part++) {
      const at = Math.floor(file.length * part / 12);
      const broken = file.slice();
      crypto.getRandomValues(broken.subarray(at, at + 40));
      for (const damaged of [file.slice(0, at), broken]) {
        await readAll(damaged).catch((error) => {
          ok(error instanceof UnreadableAudio, `${error.stack}`);
          refused++;
        });
      }
    }
  }

  ok(refused > files.length);
});

Deno.test("a recording is read no further than somebody wants it", async () => {
  const pieces = readRecording(await written("mp3"), { sampleRate: SAMPLE_RATE });

  const first = await pieces.next();
  await pieces.return(undefined);

  ok(!first.done && first.value.length < SAMPLE_RATE / 10);
  ok((await pieces.next()).done);
});
