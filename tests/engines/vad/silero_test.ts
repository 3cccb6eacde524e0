import { deepStrictEqual as deepEqual, rejects, strictEqual as equal } from "node:assert/strict";
import { createSilero, sileroOver } from "@/engines/vad/silero.ts";
import {
  pack,
  type SileroAnswer,
  type SileroBatch,
  type SileroJob,
  unpack,
} from "@/engines/vad/silero_batch.ts";
import { EngineError } from "@/errors.ts";
import { createWorkerHost } from "@/inference/worker_host.ts";
import { testVoiceActivityDetector } from "../../contracts/vad_contract.ts";
import { framesOf, MODELS_DIR, speak } from "../speech.ts";

const [speech] = await speak("Isolated tornadoes and heavy rain are expected by noon.");
const { signal } = new AbortController();

testVoiceActivityDetector(
  "silero",
  () => createSilero({ modelsDir: MODELS_DIR, inferenceWorkers: 1 }),
  { speech: speech! },
);

// In the main isolate onnxruntime opens, once, a message port that it keeps; here, not in the middle of a test.
await import("@/engines/vad/silero_model.ts").then(({ loadSilero }) =>
  loadSilero({ path: `${MODELS_DIR}/silero/silero_vad_v6.onnx` })
);

testVoiceActivityDetector(
  "silero in the main isolate",
  () => createSilero({ modelsDir: MODELS_DIR, inferenceWorkers: 0 }),
  { speech: speech! },
);

Deno.test("a Worker that dies under a frame costs the stream nothing, not even its memory", async () => {
  await using whole = await createSilero({ modelsDir: MODELS_DIR, inferenceWorkers: 1 });
  await using crashing = sileroOver(
    await createWorkerHost<unknown, SileroBatch, SileroAnswer>({
      engine: "silero",
      url: new URL("./crashing_silero_worker.ts", import.meta.url),
      init: { path: `${MODELS_DIR}/silero/silero_vad_v6.onnx` },
      read: [MODELS_DIR, new URL("../../", import.meta.url).pathname],
    }),
  );
  const streams = [whole, crashing].map((vad) => vad.listen({ signal }));
  const heard: number[][] = [[], []];

  for (const frame of framesOf(speech!).slice(0, 60)) {
    for (const [i, probability] of streams.entries()) heard[i]!.push(await probability(frame));
  }

  deepEqual(heard[1], heard[0]);
});

Deno.test("a frame under which two Workers die fails", async () => {
  let runs = 0;
  const vad = sileroOver({
    run: () => {
      runs++;
      return Promise.reject(new EngineError("gone", { engine: "silero", failure: "crashed" }));
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });

  await rejects(vad.listen({ signal })(new Float32Array(512)), { failure: "crashed" });

  equal(runs, 2);
});

Deno.test("frames that wait for one run go in one batch of at most 16", async () => {
  const batches: number[] = [];
  const vad = sileroOver({
    run: async ({ inputs, state }) => {
      batches.push(inputs.length / 576);
      await Promise.resolve();
      return { probabilities: new Float32Array(inputs.length / 576), state };
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });

  const frame = new Float32Array(512);
  await Promise.all(Array.from({ length: 40 }, () => vad.listen({ signal })(frame)));

  deepEqual(batches, [1, 16, 16, 7]);
});

Deno.test("a stream hears the last 64 samples of one frame again with the next", async () => {
  const inputs: number[][] = [];
  const vad = sileroOver({
    run: (batch) => {
      inputs.push([...batch.inputs]);
      return Promise.resolve({ probabilities: new Float32Array(1), state: batch.state });
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
  const probability = vad.listen({ signal });

  await probability(Float32Array.from({ length: 512 }, (_, i) => i));
  await probability(new Float32Array(512).fill(9));

  deepEqual(inputs[0]!.slice(0, 65), [...new Array(64).fill(0), 0]);
  deepEqual(inputs[1]!.slice(0, 64), Array.from({ length: 64 }, (_, i) => 448 + i));
  deepEqual(inputs[1]!.slice(64), new Array(512).fill(9));
});

Deno.test("packing and taking apart keeps each stream's own state", () => {
  const jobs: SileroJob[] = [1, 2, 3].map((n) => ({
    input: new Float32Array(576).fill(n),
    state: Float32Array.from({ length: 256 }, (_, i) => i < 128 ? n : -n),
  }));

  const { state } = pack(jobs);
  const taken = unpack({ probabilities: Float32Array.of(0, 1, 0), state }, 3);

  deepEqual(taken.map((result) => result.state), jobs.map((job) => job.state));
  deepEqual(taken.map((result) => result.probability), [0, 1, 0]);
});

Deno.test("a missing model is unavailable, and the error says what fetches it", async () => {
  const loading = createSilero({ modelsDir: `${MODELS_DIR}/none`, inferenceWorkers: 1 });

  await rejects(
    loading,
    (error: EngineError) =>
      error.failure === "unavailable" && /none\/silero.*deno task models/.test(error.message),
  );
});

Deno.test("a damaged model is unavailable, and the error says which file to delete", async () => {
  const modelsDir = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${modelsDir}/silero`);
    await Deno.writeTextFile(`${modelsDir}/silero/silero_vad_v6.onnx`, "no model");

    const loading = createSilero({ modelsDir, inferenceWorkers: 1 });

    await rejects(
      loading,
      (error: EngineError) =>
        error.failure === "unavailable" && /silero_vad_v6.onnx is no valid/.test(error.message),
    );
  } finally {
    await Deno.remove(modelsDir, { recursive: true });
  }
});
