import {
  deepStrictEqual as deepEqual,
  ok,
  rejects,
  strictEqual as equal,
} from "node:assert/strict";
import { abortable } from "@std/async/abortable";
import { FakeTime } from "@std/testing/time";
import type { LanguageModel, Prompt, ReplyPart, ToolCall } from "@/engines/llm/engine.ts";
import { EngineError } from "@/errors.ts";
import { ObserveStream } from "@/pipeline/observe_stream.ts";
import { createPlayout } from "@/pipeline/playout.ts";
import { reply } from "@/pipeline/reply.ts";
import { SentenceStream } from "@/pipeline/sentence_stream.ts";
import { createSpeaker, LEAD_MS } from "@/pipeline/speaker.ts";
import { synthesize } from "@/pipeline/synthesize.ts";
import { ScriptedSynthesiser, spokenText } from "../fakes/scripted_synthesiser.ts";

const PROMPT: Prompt = {
  instructions: "Be brief.",
  messages: [{ role: "user", text: "Hello" }],
  tools: [],
  toolChoice: "auto",
  maxOutputTokens: "inf",
};
const END: ReplyPart = { kind: "end", reason: "stop" };
const CALL: ToolCall = { kind: "toolCall", callId: "call_1", name: "look", arguments: "{}" };
const sampleRate = 16_000;

/** A model that says what it is told to, and knows what became of it. */
class ScriptedModel implements LanguageModel {
  readonly name = "scripted";
  state: "idle" | "thinking" | "done" | "aborted" = "idle";
  readonly #parts: readonly (ReplyPart | Error | "stuck")[];

  constructor(parts: readonly (ReplyPart | Error | "stuck")[]) {
    this.#parts = parts;
  }

  async *reply(
    _: Prompt,
    { signal }: { readonly signal: AbortSignal },
  ): AsyncGenerator<ReplyPart> {
    this.state = "thinking";
    try {
      for (const part of this.#parts) {
        signal.throwIfAborted();
        if (part === "stuck") await abortable(new Promise(() => {}), signal);
        else if (part instanceof Error) throw part;
        else yield part;
      }
      this.state = "done";
    } finally {
      if (this.state === "thinking") this.state = "aborted";
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}

/** A whole answer, on the clock of whoever calls. */
function answer(parts: readonly (ReplyPart | Error | "stuck")[], {
  tts = new ScriptedSynthesiser(),
  room,
}: { tts?: ScriptedSynthesiser; room?: () => Promise<void> } = {}) {
  const abort = new AbortController();
  const { signal } = abort;
  const llm = new ScriptedModel(parts);
  const playout = createPlayout({ sampleRate, now: () => Date.now() });
  const log: string[] = [];
  const audio: number[] = [];
  const speaker = createSpeaker({
    playout,
    signal,
    chunk({ samples }) {
      for (const sample of samples) audio.push(sample);
      if (log.at(-1) !== "speech") log.push("speech");
    },
    call: ({ name }) => log.push(`call ${name}`),
    end: ({ reason }) => log.push(`end ${reason}`),
    ...(room && { room }),
  });
  let text = "";
  const settled = ReadableStream.from([PROMPT])
    .pipeThrough(reply(llm, { signal }))
    .pipeThrough(
      new ObserveStream((part) => {
        if (part.kind === "text") text += part.text;
        if (part.kind === "toolCall") speaker.hurry();
      }),
    )
    .pipeThrough(new SentenceStream())
    .pipeThrough(synthesize(tts, { signal, sampleRate }))
    .pipeTo(speaker.writable, { signal, preventAbort: true });
  settled.catch(() => {}); // asserted later
  return {
    abort,
    llm,
    tts,
    playout,
    log,
    settled,
    text: () => text,
    heard: () => spokenText(Float32Array.from(audio)),
  };
}

function words(text: string): ReplyPart[] {
  return text.match(/\S+\s*/g)!.map((text) => ({ kind: "text", text }));
}

/** Fifty sentences: more than a minute of speech. */
const LONG = "This is one sentence of many. ".repeat(50);

/** Whether no timer is left. */
function idle(time: FakeTime): boolean {
  return !time.next();
}

Deno.test("a prompt becomes speech, whole and in order", async () => {
  using time = new FakeTime();
  const { heard, log, settled, text } = answer([
    ...words("hello there. How are you today?"),
    END,
  ]);

  await time.tickAsync(10_000);
  await settled;

  equal(text(), "hello there. How are you today?");
  equal(heard().replaceAll(/\s+/g, " ").trim(), "hello there how are you today");
  deepEqual(log, ["speech", "end stop"]);
});

Deno.test("speech begins before the reply ends", async () => {
  using time = new FakeTime();
  const { abort, heard, llm, settled } = answer([...words("well, hello there. How"), "stuck"]);

  await time.tickAsync(1000);

  equal(llm.state, "thinking");
  ok(heard().startsWith("well  hello there"), heard());
  abort.abort();
  await rejects(settled);
});

Deno.test("a long reply is known to its end while its speech keeps pace", async () => {
  using time = new FakeTime();
  const { abort, llm, playout, settled, text, tts } = answer([...words(LONG), END]);

  await time.tickAsync(0);
  const afterwards = text();
  let most = 0;
  for (let i = 0; i < 50; i++) {
    most = Math.max(most, playout.leadMs());
    await time.tickAsync(100);
  }

  equal(llm.state, "done");
  equal(afterwards, LONG);
  ok(most <= LEAD_MS, `${most} ms ahead`);
  ok(most > LEAD_MS - 400, `only ${most} ms ahead`);
  ok(tts.calls.length < 12, `${tts.calls.length} sentences synthesised in 5 s`);
  abort.abort();
  await rejects(settled);
});

Deno.test("a call in a reply hurries all that was said before it", async () => {
  using time = new FakeTime();
  const { log, playout, settled } = answer([...words(LONG), CALL, END]);

  await time.tickAsync(0);
  await settled; // no time passes

  deepEqual(log, ["speech", "call look", "end stop"]);
  ok(playout.leadMs() > 20 * LEAD_MS);
});

const STAGES: Readonly<Record<string, () => ReturnType<typeof answer>>> = {
  "the model thinks": () => answer(["stuck"]),
  "the model is stuck in mid-sentence": () => answer([...words("well, hello there you"), "stuck"]),
  "the synthesiser works": () =>
    answer([...words(LONG), END], { tts: new ScriptedSynthesiser({ manual: true }) }),
  "the speaker waits for room": () => answer([...words(LONG), END]),
  "the wire has no room": () =>
    answer([...words(LONG), END], { room: () => new Promise(() => {}) }),
};

for (const [stage, begin] of Object.entries(STAGES)) {
  Deno.test(`an abort while ${stage} ends the whole chain at once and leaves nothing behind`, async () => {
    using time = new FakeTime();
    const { abort, heard, llm, log, settled, tts } = begin();
    await time.tickAsync(50);
    const before = [heard(), log.length];

    abort.abort("barge-in");

    await rejects(settled, (reason) => reason === "barge-in"); // no time passes
    await Promise.all(tts.calls.map(({ ended }) => ended));
    ok(idle(time), "a timer is left");
    deepEqual([heard(), log.length], before);
    ok(llm.state !== "thinking", "the model still thinks");
    ok(tts.calls.every(({ state }) => state !== "waiting"), "the synthesiser still works");
  });
}

Deno.test("a slow wire holds back the synthesiser, not the model", async () => {
  using time = new FakeTime();
  const rooms: (() => void)[] = [];
  const { abort, heard, llm, settled, tts } = answer([...words(LONG), END], {
    room: () => new Promise((resolve) => rooms.push(resolve)),
  });

  await time.tickAsync(5000);
  rooms.shift()!();
  await time.tickAsync(5000);

  equal(llm.state, "done");
  ok(heard().length > 0);
  ok(tts.calls.length <= 2, `${tts.calls.length} sentences synthesised`);
  abort.abort();
  await rejects(settled);
});

Deno.test("a failure of the model ends the chain with it, after what was said", async () => {
  using time = new FakeTime();
  const failure = new EngineError("no", { engine: "scripted", failure: "unavailable" });
  const { settled, tts } = answer([...words("hello there. How are"), failure]);

  await time.tickAsync(100);

  await rejects(settled, (error) => error === failure);
  ok(idle(time), "a timer is left");
  ok(tts.calls.every(({ state }) => state !== "waiting"));
});

Deno.test("a failure of the synthesiser ends the chain, and the response's signal then ends the model's work", async () => {
  using time = new FakeTime();
  const failure = new EngineError("no", { engine: "scripted", failure: "crashed" });
  const tts = new ScriptedSynthesiser({ manual: true });
  const { abort, llm, settled } = answer([...words("Hello there. How are you?"), "stuck"], { tts });
  await tts.called(1);

  tts.fail(failure);
  await rejects(settled, (error) => error === failure); // though the model is stuck
  abort.abort();
  await time.tickAsync(0);

  equal(llm.state, "aborted");
});
