import {
  deepStrictEqual as deepEqual,
  notStrictEqual as notEqual,
  ok,
  strictEqual as equal,
} from "node:assert/strict";
import type { Message, Prompt } from "@/engines/llm/engine.ts";
import { createScripted } from "@/engines/llm/scripted.ts";
import {
  callsOf,
  collect,
  prompt,
  testLanguageModel,
  textOf,
} from "../../contracts/llm_contract.ts";
import { createDraw } from "../../fakes/draw.ts";

testLanguageModel("scripted", () => Promise.resolve(createScripted()));

Deno.test("scripted streams word by word, and the pieces are exactly the reply", async () => {
  const parts = await collect(createScripted(), prompt("say one two  three"));

  deepEqual(parts.slice(0, -1).map((part) => part.kind === "text" ? part.text : part), [
    "One ",
    "two  ",
    "three.",
  ]);
});

Deno.test("scripted counts a word as a token, of the input and of the output", async () => {
  const messages: Message[] = [
    { role: "user", text: "one two three" },
    { role: "assistant", text: "four five" },
    { role: "user", text: "say a b c d" },
  ];

  const whole = await collect(createScripted(), {
    ...prompt(""),
    instructions: "be so kind",
    messages,
  });
  const cut = await collect(createScripted(), { ...prompt("say a b c d"), maxOutputTokens: 3 });

  deepEqual(whole.at(-1), {
    kind: "end",
    reason: "stop",
    usage: { inputTokens: 13, outputTokens: 4, cachedTokens: 0 },
  });
  equal(textOf(cut), "A b c ");
  deepEqual(cut.at(-1), {
    kind: "end",
    reason: "length",
    usage: { inputTokens: 7, outputTokens: 3, cachedTokens: 0 },
  });
});

Deno.test("scripted ends by itself where the limit is just the length of the reply", async () => {
  const parts = await collect(createScripted(), { ...prompt("say a b c"), maxOutputTokens: 3 });

  equal(textOf(parts), "A b c.");
  deepEqual((parts.at(-1) as { reason: string }).reason, "stop");
});

Deno.test("scripted gives the same answer to the same conversation, and others to others", async () => {
  const say = async (text: string) => textOf(await collect(createScripted(), prompt(text)));

  equal(await say("the moon is a cheese"), await say("the moon is a cheese"));
  const remarks = ["trees", "rain", "a boat", "red paint", "the sea", "an old song"];
  const answers = await Promise.all(remarks.map((remark) => say(`today I saw ${remark}`)));
  notEqual(new Set(answers).size, 1);
});

Deno.test("scripted draws what it calls with from the user's words", async () => {
  const draw = createDraw();
  const city = draw.pick(["Paris", "Tokyo", "Berlin", "Cairo", "Buenos Aires"]);
  const days = draw.int(2, 9);
  const tools: Prompt["tools"] = [{
    name: "get_weather",
    parameters: {
      type: "object",
      properties: {
        city: { type: "string" },
        days: { type: "integer", minimum: 1, maximum: 10 },
        unit: { enum: ["celsius", "fahrenheit"] },
      },
      required: ["city", "days", "unit"],
    },
  }];

  const parts = await collect(createScripted(), {
    ...prompt(`How is the weather in ${city} for the next ${days} days in Fahrenheit?`),
    tools,
  });

  deepEqual(
    callsOf(parts).map((call) => JSON.parse(call.arguments)),
    [{ city, days, unit: "fahrenheit" }],
    `seed ${draw.seed}`,
  );
});

Deno.test("scripted calls by itself only a function whose subject was mentioned", async () => {
  const tools = [{ name: "getTheWeather" }, { name: "send_emails" }];
  const call = async (text: string) =>
    callsOf(await collect(createScripted(), { ...prompt(text), tools })).map(({ name }) => name);

  deepEqual(await call("get me the news"), []);
  deepEqual(await call("Weather, please!"), ["getTheWeather"]);
  deepEqual(await call("can you send an email to Bob"), ["send_emails"]);
});

Deno.test("scripted calls nothing that does not exist", async () => {
  const parts = await collect(createScripted(), {
    ...prompt("Hello"),
    toolChoice: { name: "nope" },
  });

  deepEqual(callsOf(parts), []);
  ok(textOf(parts).startsWith("Hello"));
});

Deno.test("scripted says what each function answered", async () => {
  const messages: Message[] = [
    { role: "user", text: "weather and news" },
    { role: "call", callId: "1", name: "get_weather", arguments: "{}" },
    { role: "call", callId: "2", name: "sendMail", arguments: "{}" },
    {
      role: "output",
      callId: "1",
      output: '{"temperature":21,"sky":{"clouds":"few"},"note":null}',
    },
    { role: "output", callId: "2", output: "The mail was sent." },
  ];

  const parts = await collect(createScripted(), { ...prompt(""), messages });

  equal(
    textOf(parts),
    "Get weather says: temperature is 21, sky is clouds is few. Send mail says: The mail was sent.",
  );
});
