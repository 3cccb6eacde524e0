import {
  deepStrictEqual as deepEqual,
  ok,
  rejects,
  strictEqual as equal,
} from "node:assert/strict";
import { readRecording } from "@/audio/read_recording.ts";
import {
  SPEECH_ENCODERS,
  SPEECH_RATE,
  type SpeechFormat,
  type SpeechSamples,
} from "@/audio/speech_encoders.ts";
import { cut, fitTone, join, tone } from "./tone.ts";

const PITCH = 440;
const SECONDS = 1.5;
const SPEECH = tone(PITCH, SPEECH_RATE, { seconds: SECONDS, amplitude: 0.5 });
const FILES = ["mp3", "opus", "wav"] as const satisfies readonly SpeechFormat[];

async function write(
  format: SpeechFormat,
  speech: SpeechSamples,
): Promise<Uint8Array<ArrayBuffer>> {
  return await new Blob(await Array.fromAsync(SPEECH_ENCODERS[format](speech))).bytes();
}

async function read(file: Uint8Array<ArrayBuffer>): Promise<Float32Array<ArrayBuffer>> {
  return join(await Array.fromAsync(readRecording(file, { sampleRate: SPEECH_RATE })));
}

for (const format of FILES) {
  Deno.test(`speech as ${format} sounds the same, however its pieces are cut`, async () => {
    for (const sizes of [[SPEECH.length], [4800], [1, 700, 3]]) {
      const file = await write(format, ReadableStream.from(cut(SPEECH, sizes)));

      const heard = await read(file);

      const { amplitude, snr } = fitTone(heard.subarray(8000, 28_000), PITCH, SPEECH_RATE);
      ok(heard.length >= SPEECH.length, `${heard.length}`);
      ok(heard.length / SPEECH_RATE - SECONDS < 0.15, `${heard.length}`);
      ok(Math.abs(amplitude - 0.5) < 0.03 && snr > 20, `${amplitude}, ${snr} dB`);
    }
  });
}

Deno.test("speech as pcm is its bare samples", async () => {
  const speech = ReadableStream.from([Float32Array.of(0, 0.5), Float32Array.of(-1)]);

  const bytes = await write("pcm", speech);

  deepEqual([...new Int16Array(bytes.buffer)], [0, 16_384, -32_768]);
});

for (const format of [...FILES, "pcm"] as const) {
  Deno.test(`speech as ${format} leaves while it is spoken`, async () => {
    let spoken = 0;
    async function* speech() {
      for (const piece of cut(SPEECH, [2400])) {
        spoken += piece.length;
        yield piece;
      }
    }

    const bytes = SPEECH_ENCODERS[format](speech());
    await bytes.next();
    await bytes.next();
    const before = spoken;
    await bytes.return(undefined);

    ok(before < SPEECH.length / 2, `${before}`);
  });

  Deno.test(`no speech at all as ${format} is no failure`, async () => {
    const bytes = await write(format, ReadableStream.from([]));

    ok(format === "pcm" ? bytes.length === 0 : bytes.length > 0);
  });

  Deno.test(`${format} fails as the speech does`, async () => {
    const failure = new Error("no voice");
    async function* speech() {
      yield SPEECH;
      throw failure;
    }

    await rejects(write(format, speech()), (error) => error === failure);
  });
}

Deno.test("a WAV file that leaves before its end says that its length is unknown", async () => {
  const view = new DataView((await write("wav", ReadableStream.from([SPEECH]))).buffer);

  equal(view.getUint32(4, true), 0xffff_ffff);
  equal(view.getUint32(40, true), 0xffff_ffff);
  equal(view.getUint32(24, true), SPEECH_RATE);
});
