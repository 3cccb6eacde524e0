import { deepStrictEqual as deepEqual, rejects, strictEqual as equal } from "node:assert/strict";
import { fetchVoices } from "@/engines/tts/edge/voice_list.ts";
import { startEdgeServer } from "../../../fakes/edge_server.ts";

const { signal } = new AbortController();
const VOICES = ["af-ZA-AdriNeural", "sw-KE-ZuriNeural"];

Deno.test("the service is asked for its voices beside the path at which it speaks", async () => {
  await using server = await startEdgeServer({ voices: VOICES });

  const voices = await fetchVoices({ url: server.url, signal });

  deepEqual(voices, VOICES);
  deepEqual(server.violations, []);
});

Deno.test("a relay is shown the user and password of its address", async () => {
  await using server = await startEdgeServer({ voices: VOICES, login: "ann:p@ss" });
  const url = new URL(server.url);
  url.username = "ann";
  url.password = "p@ss";

  const voices = await fetchVoices({ url: url.href, signal });

  deepEqual(voices, VOICES);
});

Deno.test("nobody is asked for voices where a relay has a path of its own", async () => {
  await using server = await startEdgeServer({ voices: VOICES });

  const voices = await fetchVoices({ url: server.url.replace("/edge/v1", "/speak"), signal });

  equal(voices, undefined);
});

Deno.test("a service without a list, and one that lists something else, are errors", async () => {
  await using listless = await startEdgeServer();
  await using strange = await startEdgeServer({ voices: [7] as never });

  await rejects(fetchVoices({ url: listless.url, signal }), /127\.0\.0\.1:\d+ answered 404/);
  await rejects(fetchVoices({ url: strange.url, signal }), { name: "ZodError" });
});
