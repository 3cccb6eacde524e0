import {
  deepStrictEqual as deepEqual,
  ok,
  rejects,
  strictEqual as equal,
} from "node:assert/strict";
import { createFlite } from "@/engines/tts/flite.ts";
import { testSpeechSynthesiser } from "../../contracts/tts_contract.ts";

const modelsDir = new URL("../../../models", import.meta.url).pathname;
const signal = new AbortController().signal;

testSpeechSynthesiser(
  "flite",
  () => createFlite({ modelsDir, inferenceWorkers: 1, language: "en" }),
);

Deno.test("flite speaks in the main isolate where there are no Workers", async () => {
  await using flite = await createFlite({ modelsDir, inferenceWorkers: 0, language: "en" });

  const speech = await Array.fromAsync(flite.synthesize("Hello there.", { signal }));

  equal(speech[0]?.sampleRate, 16_000);
  ok(speech[0].samples.length > 8_000);
});

Deno.test("flite speaks a text that looks like an option, a file or markup instead of obeying it", async () => {
  await using flite = await createFlite({ modelsDir, inferenceWorkers: 0, language: "en" });

  for (
    const text of [
      "--help",
      "-o /etc/passwd",
      "out.wav",
      "-lv",
      "a\0-voice\0b",
      "<speak>hi</speak>",
    ]
  ) {
    const speech = await Array.fromAsync(flite.synthesize(text, { signal }));

    ok(speech.length === 1 && speech[0]!.samples.length > 4_000, text);
  }
});

Deno.test("flite starts to speak within 40 ms of its audio and ends with a short pause", async () => {
  await using flite = await createFlite({ modelsDir, inferenceWorkers: 0, language: "en" });

  for (const voice of flite.voices) {
    const [speech] = await Array.fromAsync(
      flite.synthesize("Hello, how are you?", { signal, voice }),
    );

    const samples = speech!.samples;
    const first = samples.findIndex((sample) => Math.abs(sample) > 0.005);
    const last = samples.findLastIndex((sample) => Math.abs(sample) > 0.005);
    ok(first <= 0.04 * 16_000, `${voice}: ${first} samples of silence`);
    ok(samples.length - last <= 0.3 * 16_000, `${voice}: ${samples.length - last} at the end`);
  }
});

Deno.test("flite never makes what an aborted caller had waiting", async () => {
  await using flite = await createFlite({ modelsDir, inferenceWorkers: 1, language: "en" });
  const controller = new AbortController();
  const long = "This is a text of more than one hundred characters, said a hundred times over. "
    .repeat(2);
  const waiting = Array.from(
    { length: 100 },
    () => rejects(Array.fromAsync(flite.synthesize(long, { signal: controller.signal }))),
  );

  controller.abort();
  await Promise.all(waiting);
  const start = performance.now();
  await Array.fromAsync(flite.synthesize("My turn.", { signal }));

  // All that waited would take 10 s.
  ok(performance.now() - start < 3_000);
});

Deno.test("a missing program is told with the way to mend it", async () => {
  const empty = `${modelsDir}/no_such_folder`;

  for (const inferenceWorkers of [0, 1]) {
    await rejects(
      createFlite({ modelsDir: empty, inferenceWorkers, language: "en" }),
      { name: "EngineError", failure: "unavailable", message: /flite\.wasm.*deno task models/ },
    );
  }
});

Deno.test("flite spells nothing that it cannot read, and speaks accents as plain letters", async () => {
  await using flite = await createFlite({ modelsDir, inferenceWorkers: 0, language: "en" });

  const accents = await Array.fromAsync(flite.synthesize("Café “naïve”", { signal }));
  const plain = await Array.fromAsync(flite.synthesize('Cafe "naive"', { signal }));
  const chinese = await Array.fromAsync(flite.synthesize("你好", { signal }));

  deepEqual(accents, plain);
  deepEqual(chinese, []);
});

Deno.test("flite says of a conversation in another language that it cannot speak it, so that another voice may", async () => {
  await using flite = await createFlite({ modelsDir, inferenceWorkers: 0, language: "zh" });
  const speak = (text: string) =>
    Array.fromAsync(flite.synthesize(text, { signal, language: "zh-CN" }));

  for (const text of ["你好，世界。", "现在是3点", "OK，没问题"]) {
    await rejects(speak(text), { name: "EngineError", failure: "rejected" }, text);
  }
  for (const text of ["Hello, 世界", "42"]) ok((await speak(text)).length > 0, text);
  for (const text of ["", "？！", "🙂"]) deepEqual(await speak(text), []);
});
