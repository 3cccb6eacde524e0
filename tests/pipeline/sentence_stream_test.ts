import { deepStrictEqual as deepEqual, ok, strictEqual as equal } from "node:assert/strict";
import type { ReplyPart } from "@/engines/llm/engine.ts";
import { SentenceStream, type SpokenPart } from "@/pipeline/sentence_stream.ts";

const END = { kind: "end", reason: "stop" } as const;
const CALL = { kind: "toolCall", callId: "call_1", name: "look", arguments: "{}" } as const;

function text(...texts: string[]): ReplyPart[] {
  return texts.map((text) => ({ kind: "text", text }));
}

function sentences(parts: readonly ReplyPart[]): Promise<SpokenPart[]> {
  return Array.fromAsync(ReadableStream.from(parts).pipeThrough(new SentenceStream()));
}

function textsOf(parts: readonly SpokenPart[]): string[] {
  return parts.flatMap((part) => part.kind === "sentence" ? [part.sentence.text] : []);
}

/** The text in pieces of 1 to 9 UTF-16 units. */
function randomCuts(whole: string): ReplyPart[] {
  const parts: string[] = [];
  for (let start = 0; start < whole.length;) {
    const length = 1 + Math.floor(Math.random() * 9);
    parts.push(whole.slice(start, start + length));
    start += length;
  }
  return text(...parts);
}

const SNIPPETS = [
  "Hello there. ",
  "Dr. Smith, of No. 5, ",
  "costs 3.50!\n\n",
  "1. Wash\n",
  "你好！今天很好，",
  "“好的。”",
  "😀👍🏽 ",
  "**Bold.** ",
  "and on and on ",
  "www.example.org/?q=1 ",
  "\r\n\t ",
  "… ",
  "ends here? ",
  "\uD83D",
  '(so.) "Yes!" ',
];

Deno.test("a reply becomes sentences that are numbered from 0, then its end", async () => {
  const reply = [...text("Hel", "lo the", "re. I am", " fine."), END];

  const parts = await sentences(reply);

  deepEqual(parts, [
    { kind: "sentence", sentence: { index: 0, text: "Hello there. " } },
    { kind: "sentence", sentence: { index: 1, text: "I am fine." } },
    END,
  ]);
});

Deno.test("however a reply is cut into pieces, its sentences are the same and together its text", async () => {
  for (let round = 0; round < 100; round++) {
    const whole = Array.from(
      { length: 1 + Math.floor(Math.random() * 25) },
      () => SNIPPETS[Math.floor(Math.random() * SNIPPETS.length)]!,
    ).join("");

    const one = textsOf(await sentences(randomCuts(whole)));
    const other = textsOf(await sentences(text(whole)));

    equal(one.join(""), whole);
    deepEqual(one, other);
  }
});

Deno.test("a sentence is passed on as soon as the next one begins", async () => {
  const stream = new SentenceStream();
  const writer = stream.writable.getWriter();
  const reader = stream.readable.getReader();

  await writer.write({ kind: "text", text: "Hello there. I" });
  const first = await reader.read();

  deepEqual(first.value, { kind: "sentence", sentence: { index: 0, text: "Hello there. " } });
  await writer.abort();
  await reader.closed.catch(() => {});
});

Deno.test("a call comes after the text before it, and before the text after it", async () => {
  const reply = [...text("Let me look"), CALL, ...text("Found it."), CALL, END];

  const parts = await sentences(reply);

  deepEqual(parts.map((part) => part.kind === "sentence" ? part.sentence.text : part.kind), [
    "Let me look",
    "toolCall",
    "Found it.",
    "toolCall",
    "end",
  ]);
});

Deno.test("a reply without text has no sentences", async () => {
  const parts = await sentences([...text(""), END]);

  deepEqual(parts, [END]);
});

Deno.test("text that no end follows is passed on when the reply's stream closes", async () => {
  const parts = await sentences(text("Cut o"));

  deepEqual(textsOf(parts), ["Cut o"]);
});

Deno.test("a reply is read to its end though nobody reads its sentences yet", async () => {
  let read = 0;
  const reply = ReadableStream.from((async function* () {
    for (; read < 500; read++) yield text("One more sentence is here. ")[0]!;
  })());

  const waiting = reply.pipeThrough(new SentenceStream());
  while (read < 500) await new Promise((resolve) => setTimeout(resolve));

  ok((await Array.fromAsync(waiting)).length >= 500);
});
