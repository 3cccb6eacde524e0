import { deepStrictEqual as deepEqual, match, strictEqual as equal } from "node:assert/strict";
import { startCoquiServer } from "../fakes/coqui_server.ts";
import { startServer } from "./server.ts";
import { ask } from "./turns.ts";
import { audioOf, connect } from "./voice_client.ts";

Deno.test("an operator sees of an engine that gives way one line, and one more in the metrics; the caller hears the answer", async () => {
  await using coqui = await startCoquiServer();
  await using server = await startServer({
    TTS: "coqui,flite",
    COQUI_URL: coqui.url,
    TTS_CACHE_MB: "0",
  });
  await using client = await connect({ url: server.realtime() });
  coqui.fault = { kind: "refusal", status: 500 };

  const { responseId, done } = await ask(client, "Say the word pineapple.");
  coqui.fault = undefined;
  await ask(client, "Say the word banana.");

  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  const lines = server.log().split("\n").filter((line) => /takes over/.test(line));
  equal(done.response.status, "completed");
  equal(audioOf(client, responseId).length > 0, true);
  equal(lines.length, 1);
  match(lines[0]!, /\[warning\] chatai\.engines: flite takes over from coqui: .*500/);
  match(lines[0]!, new RegExp(`sessionId=\\S+ .*responseId=${responseId}`));
  deepEqual(
    metrics.split("\n").filter((line) => line.startsWith("chatai_engine_switches_total{")),
    [
      'chatai_engine_switches_total{from="coqui",to="flite"} 1',
      'chatai_engine_switches_total{from="flite",to="coqui"} 0',
    ],
  );
});
