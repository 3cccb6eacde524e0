import { deepEqual, equal } from "node:assert/strict";
import { openTalk } from "./talk.ts";

Deno.test("words that are written down after later ones have been answered are not answered again", async () => {
  const gates: PromiseWithResolvers<string>[] = [];
  await using talk = await openTalk({
    recognise() {
      const gate = Promise.withResolvers<string>();
      gates.push(gate);
      return gate.promise;
    },
  });
  const { client } = talk;
  await talk.say("hello");
  await talk.silence(600);
  const first = gates.splice(0);
  await talk.say("there");
  await talk.silence(600);

  for (const gate of gates.splice(0)) gate.resolve("there");
  await talk.silence(100);
  for (const gate of first) gate.resolve("hello");
  await talk.silence(2000);

  equal(client.of("openResponse").length, 1);
  deepEqual(talk.prompts.map(({ messages }) => messages), [[
    { role: "user", text: "hello" },
    { role: "user", text: "there" },
  ]]);
});
