import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import type { ReplyPart } from "@/engines/llm/engine.ts";
import { openSpeechCache } from "@/engines/tts/cache/speech_cache.ts";
import { cached } from "@/engines/tts/cache.ts";
import { EngineError } from "@/errors.ts";
import { SentenceStream } from "@/pipeline/sentence_stream.ts";
import { synthesize } from "@/pipeline/synthesize.ts";
import { prewarm } from "@/server/prewarm.ts";
import { ScriptedSynthesiser } from "../fakes/scripted_synthesiser.ts";

const SESSION = { voice: "tone", language: "en" };
const GREETING = "Hello! It is 5 o'clock, so how can I help you?";

Deno.test("a reply with a text that was prewarmed needs no engine", async () => {
  const engine = new ScriptedSynthesiser({ letterMs: 1 });
  const cache = await openSpeechCache({ maxBytes: 1_000_000, dir: undefined });
  const tts = cached(engine, { cache });
  await prewarm([GREETING, "One moment."], { tts, ...SESSION }).done;
  const prewarmed = engine.calls.length;

  const signal = new AbortController().signal;
  const options = { signal, sampleRate: 8000, speed: 1, ...SESSION };
  for (const text of [GREETING, "One moment. Here it is."]) {
    await Array.fromAsync(
      ReadableStream.from<ReplyPart>([...text].map((text) => ({ kind: "text", text })))
        .pipeThrough(new SentenceStream())
        .pipeThrough(synthesize(tts, options)),
    );
  }

  deepEqual(engine.calls.slice(prewarmed).map(({ text }) => text), ["Here it is."]);
});

Deno.test("prewarming that fails ends quietly", async () => {
  const engine = new ScriptedSynthesiser({ manual: true });
  const prewarming = prewarm(["Hello.", "Bye."], { tts: engine, ...SESSION });
  await engine.called(1);

  engine.fail(new EngineError("gone", { engine: "scripted", failure: "unavailable" }));
  await prewarming.done;

  equal(engine.calls.length, 1);
});

Deno.test("disposing of prewarming aborts what is being spoken", async () => {
  const engine = new ScriptedSynthesiser({ manual: true });
  const prewarming = prewarm(["Hello."], { tts: engine, ...SESSION });
  await engine.called(1);

  await prewarming[Symbol.asyncDispose]();

  equal(engine.calls[0]?.state, "aborted");
});
