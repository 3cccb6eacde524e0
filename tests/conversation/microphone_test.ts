import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import { encodeSamples } from "@/audio/codec.ts";
import { createMicrophone, type Microphone } from "@/conversation/microphone.ts";
import type { AudioFormat } from "@/conversation/settings.ts";
import type { MicrophoneInput } from "@/pipeline/detect_utterances.ts";

const PCM16K: AudioFormat = { type: "audio/pcm", rate: 16_000 };
const PCM24K: AudioFormat = { type: "audio/pcm", rate: 24_000 };

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
