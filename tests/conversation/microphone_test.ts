import { deepStrictEqual as deepEqual, ok, strictEqual as equal, throws } from "node:assert/strict";
import { encodeSamples } from "@/audio/codec.ts";
import {
  createMicrophone,
  type InputSettings,
  type Microphone,
} from "@/conversation/microphone.ts";
import { type AudioFormat, TurnDetection } from "@/conversation/settings.ts";
import type { MicrophoneInput } from "@/pipeline/detect_utterances.ts";

const PCM16K = manual({ type: "audio/pcm", rate: 16_000 });
const PCM24K = manual({ type: "audio/pcm", rate: 24_000 });

/** Without turn detection. */
function manual(format: AudioFormat): InputSettings {
  return { format, turn_detection: null };
}

/** A microphone, and what it wrote before each command. */
function record(): Microphone & { readonly turns: readonly number[][] } {
  const turns: number[][] = [[]];
  const sink = new WritableStream<MicrophoneInput>({
    write(input) {
      if (input.kind === "audio") turns.at(-1)!.push(...input.samples);
      else {
        turns.push([]);
        if (input.kind === "commit") input.settled("item_1");
        else input.settled();
      }
    },
  });
  return Object.assign(createMicrophone({ sink, now: () => 0 }), { turns });
}

for (const command of ["commit", "clear"] as const) {
  Deno.test(`half a sample before a ${command} does not shift the audio after it`, async () => {
    using microphone = record();

    microphone.append(new Uint8Array(5), PCM16K);
    await microphone[command]();
    microphone.append(encodeSamples(Float32Array.of(0.5, -0.5), "pcm16"), PCM16K);
    await microphone[command]();

    deepEqual(microphone.turns.slice(0, 2).map((turn) => turn.map((x) => x.toFixed(1))), [
      ["0.0", "0.0"],
      ["0.5", "-0.5"],
    ]);
  });
}

Deno.test("all audio before a commit belongs to it, whatever the resampler is behind", async () => {
  using microphone = record();

  microphone.append(new Uint8Array(4800), PCM24K);
  await microphone.commit();

  equal(microphone.turns[0]!.length, 1600);
});

Deno.test("all audio before a change of format is kept", async () => {
  using microphone = record();

  microphone.append(new Uint8Array(4800), PCM24K);
  microphone.append(new Uint8Array(3200), PCM16K);
  await microphone.commit();

  equal(microphone.turns[0]!.length, 3200);
});

Deno.test("ten minutes may wait for a commit; what is more clears them, and is told", async () => {
  const inputs: string[] = [];
  const sink = new WritableStream<MicrophoneInput>({
    write(input) {
      inputs.push(input.kind === "audio" ? `${input.samples.length}` : input.kind);
      if (input.kind === "commit") input.settled("item_1");
      if (input.kind === "clear") input.settled();
    },
  });
  using microphone = createMicrophone({ sink, now: () => 0 });
  const minutes = (count: number) => new Uint8Array(count * 60 * 16_000 * 2);

  microphone.append(minutes(10), PCM16K);
  throws(() => microphone.append(new Uint8Array(2), PCM16K), {
    name: "InvalidRequest",
    code: "input_audio_buffer_overflow",
  });
  microphone.append(minutes(6), PCM16K);
  await microphone.commit();
  microphone.append(minutes(6), PCM16K);
  await microphone.commit();

  deepEqual(inputs, ["9600000", "clear", "5760000", "commit", "5760000", "commit"]);
});

Deno.test("with turn detection any length of audio may come, and counts for no later commit", () => {
  using microphone = record();
  const turn_detection = TurnDetection.parse({ type: "server_vad" });
  const minute = new Uint8Array(60 * 8000);
  const g711: AudioFormat = { type: "audio/pcmu" };

  for (let i = 0; i < 11; i++) microphone.append(minute, { format: g711, turn_detection });
  microphone.append(minute, manual(g711));

  ok(microphone.writtenMs() > 11 * 60_000);
});

Deno.test("commands settle when the session ends, and after it", async () => {
  const ended = new AbortController();
  let controller: WritableStreamDefaultController;
  const sink = new WritableStream<MicrophoneInput>({
    start: (opened) => void (controller = opened),
  });
  ended.signal.addEventListener("abort", () => controller.error(ended.signal.reason));
  using microphone = createMicrophone({ sink, now: () => 0 });

  const before = microphone.commit();
  ended.abort();
  const results = [await before, await microphone.clear(), await microphone.commit()];

  deepEqual(results, [undefined, undefined, undefined]);
});
