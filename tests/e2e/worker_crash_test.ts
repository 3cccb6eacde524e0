import { deepStrictEqual as deepEqual, ok } from "node:assert/strict";
import { sileroOver } from "@/engines/vad/silero.ts";
import type { SileroAnswer, SileroBatch } from "@/engines/vad/silero_batch.ts";
import { createWorkerHost } from "@/inference/worker_host.ts";
import { createFastEngines } from "../fakes/fast_engines.ts";
import { startFastServer } from "../realtime/fast_server.ts";
import { MODELS_DIR } from "../engines/speech.ts";
import { createMouth } from "./user_speech.ts";
import { connect } from "./voice_client.ts";

Deno.test("a Worker that dies under a conversation costs neither the process nor the next turns", async () => {
  let runs = 0;
  const host = await createWorkerHost<unknown, SileroBatch, SileroAnswer>({
    engine: "silero",
    url: new URL("./workers/dying_silero_worker.ts", import.meta.url),
    init: { path: `${MODELS_DIR}/silero/silero_vad_v6.onnx` },
    read: [MODELS_DIR, new URL("../../", import.meta.url).pathname],
  });
  await using vad = sileroOver({
    ...host,
    run(batch) {
      runs++;
      return host.run(batch);
    },
  });
  const { engines } = createFastEngines({ recognise: () => Promise.resolve("hello") });
  await using server = await startFastServer({ engines: { ...engines, vad } });
  await using person = await createMouth();
  await using client = await connect({ url: server.url });
  const question = await person.speech("What time is it in Paris?");
  client.openMicrophone();

  const statuses: string[] = [];
  for (let turn = 0; turn < 3; turn++) {
    const from = client.received.length;
    await client.speak(question);
    const { response } = await client.next(({ type }) => type === "response.done", from);
    statuses.push(response.status);
  }

  ok(runs > 2 * 60, `the Worker lived through all ${runs} runs`);
  deepEqual(statuses, ["completed", "completed", "completed"]);
});
