import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import { DRAIN_MS } from "@/conversation/drain.ts";
import { openTalk, type Talk } from "./talk.ts";

/** A talk with an answer of `letters`, 40 ms each, that is being spoken when the server is told to stop. */
async function stoppedWhileSpeaking(letters: number): Promise<Talk> {
  const stopping = new AbortController();
  const talk = await openTalk({
    stopping: stopping.signal,
    async *reply() {
      yield { kind: "text", text: `${"a".repeat(letters - 1)}.` };
      yield { kind: "end", reason: "stop" };
    },
  });
  await talk.session.createResponse({});
  await talk.silence(200);
  stopping.abort();
  return talk;
}

function outcomes({ client }: Talk): string[] {
  return client.of("response.end").map(([_, { status }]) => status);
}

Deno.test("a session in which nobody speaks ends as soon as the server stops", async () => {
  const stopping = new AbortController();
  await using talk = await openTalk({ stopping: stopping.signal });

  stopping.abort();
  await talk.silence(20);

  equal(talk.session.signal.reason, "shutdown");
});

Deno.test("a reply is spoken to its end before the session ends with the server", async () => {
  await using talk = await stoppedWhileSpeaking(100);
  const before = talk.session.signal.aborted;

  await talk.silence(100 * 40);

  equal(before, false);
  deepEqual(outcomes(talk), ["completed"]);
  equal(talk.session.signal.reason, "shutdown");
});

Deno.test("a turn that is being spoken is heard and answered before the session ends with the server", async () => {
  const stopping = new AbortController();
  await using talk = await openTalk({ stopping: stopping.signal });
  await talk.say("hello");

  stopping.abort();
  await talk.silence(1000);

  deepEqual(talk.client.of("transcribed").map(([_, text]) => text), ["hello"]);
  deepEqual(outcomes(talk), ["completed"]);
  equal(talk.session.signal.reason, "shutdown");
});

Deno.test("a reply that is too long is cut when the server has waited long enough", async () => {
  await using talk = await stoppedWhileSpeaking(1000);

  await talk.silence(DRAIN_MS - 100);
  const before = talk.session.signal.aborted;
  await talk.silence(200);

  equal(before, false);
  equal(talk.session.signal.reason, "shutdown");
  deepEqual(outcomes(talk), ["cancelled"]);
});
