import { deepStrictEqual as deepEqual, match, ok, strictEqual as equal } from "node:assert/strict";
import { type CollectedSpan, startCollector } from "../fakes/otlp_collector.ts";
import { startServer } from "./server.ts";
import { createPerson } from "./user_speech.ts";
import { connect } from "./voice_client.ts";

function named(spans: readonly CollectedSpan[], name: string): CollectedSpan[] {
  return spans.filter((span) => span.name === name);
}

Deno.test("a spoken turn is one trace, with a span for each stage and no word of what was said", async () => {
  await using collector = startCollector();
  await using server = await startServer(collector.env);
  await using person = await createPerson();
  const client = await connect({ url: server.realtime() });
  const { session } = client.received[0]!.event;
  client.openMicrophone();

  const before = Date.now();
  await client.speak(await person.speech("My name is Peter."));
  const done = await client.next(({ type }) => type === "response.done");
  const after = Date.now();
  await client[Symbol.asyncDispose]();
  await server.stop();

  const spans = collector.spans();
  const [turn, ...stages] = spans;
  const [reply] = done.response.output;
  equal(turn!.name, "turn");
  equal(turn!.parentSpanId, "");
  ok(stages.every(({ parentSpanId }) => parentSpanId === turn!.spanId));
  ok(stages.every(({ traceId }) => traceId === turn!.traceId));
  deepEqual(
    [...new Set(stages.map(({ name }) => name))].toSorted(),
    ["chat", "hear", "speak", "synthesize", "transcribe"],
  );
  ok(spans.every(({ attributes }) => attributes["session.id"] === session.id));
  equal(turn!.attributes["chatai.response.id"], done.response.id);
  equal(turn!.attributes["chatai.response.status"], "completed");
  const [chat] = named(stages, "chat");
  equal(chat!.attributes["gen_ai.provider.name"], "scripted");
  equal(chat!.attributes["gen_ai.usage.output_tokens"], done.response.usage.output_tokens);
  deepEqual(chat!.events, ["first_token"]);
  const characters = named(stages, "synthesize").map((span) =>
    span.attributes["chatai.characters"]
  );
  equal(characters.reduce((sum: number, count) => sum + Number(count), 0) > 0, true);
  ok(spans.every(({ startMs, endMs }) => startMs >= before && startMs <= endMs && endMs <= after));
  ok(spans.every(({ endMs }) => endMs <= turn!.endMs));
  match(reply.content[0].transcript, /peter/i); // so that there was something to leak
  ok(!/peter/i.test(collector.raw()));
});

Deno.test("a turn whose model fails says so in its trace and in a line that names the trace, without the error's words", async () => {
  await using collector = startCollector();
  await using server = await startServer({
    ...collector.env,
    LLM: "openai",
    LLM_BASE_URL: "http://127.0.0.1:1/v1",
    LLM_MODEL: "some-model",
    LOG_FORMAT: "json",
  });
  const client = await connect({ url: server.realtime() });
  const item = { type: "message", role: "user", content: [{ type: "input_text", text: "Zebra?" }] };

  client.send({ type: "conversation.item.create", item });
  client.send({ type: "response.create" });
  await client.next(({ type }) => type === "response.done");
  await client[Symbol.asyncDispose]();
  await server.stop();
  const log = server.log();

  const [turn, chat, ...others] = collector.spans();
  deepEqual([turn!.name, chat!.name, others.length], ["turn", "chat", 0]);
  deepEqual([turn!.failed, chat!.failed], [true, true]);
  equal(chat!.attributes["error.type"], "unavailable");
  equal(chat!.attributes["gen_ai.request.model"], "some-model");
  const failure = log.split("\n").find((line) => /"level":"ERROR"/.test(line)) ?? "{}";
  const { traceId, responseId } = JSON.parse(failure).properties;
  deepEqual([traceId, responseId], [turn!.traceId, turn!.attributes["chatai.response.id"]]);
  ok(!/zebra/i.test(collector.raw()));
});
