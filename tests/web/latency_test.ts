import { deepStrictEqual as deepEqual } from "node:assert/strict";
import { latencyStages } from "@/web/latency.ts";

Deno.test("the times that the stages added make up the whole wait", () => {
  const stages = latencyStages({
    response_id: "r1",
    endpoint: 300,
    transcript: 340,
    first_token: 350,
    voice_to_voice: 420,
  });

  deepEqual(stages.map(({ name, addedMs }) => [name, addedMs]), [
    ["endpoint", 300],
    ["transcript", 40],
    ["first_token", 10],
    ["voice_to_voice", 70],
  ]);
});

Deno.test("a transcript that was there before the turn ended added nothing", () => {
  const stages = latencyStages({
    response_id: "r1",
    endpoint: 300,
    transcript: 250,
    first_token: 310,
  });

  deepEqual(stages.map(({ addedMs }) => addedMs), [300, 0, 10]);
});

Deno.test("a typed turn has no stages of hearing", () => {
  const stages = latencyStages({ response_id: "r1", first_token: 5, voice_to_voice: 60 });

  deepEqual(stages, [
    { name: "first_token", endMs: 5, addedMs: 5 },
    { name: "voice_to_voice", endMs: 60, addedMs: 55 },
  ]);
});
