import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import type { ReplyPart } from "@/engines/llm/engine.ts";
import { withoutThoughts } from "@/engines/llm/openai/without_thoughts.ts";
import { textOf } from "../../../contracts/llm_contract.ts";

const END: ReplyPart = { kind: "end", reason: "stop" };

/** A reply that comes in these pieces. */
async function* reply(...pieces: readonly string[]): AsyncGenerator<ReplyPart> {
  for (const text of pieces) yield { kind: "text", text };
  yield END;
}

/** What is left of pieces, as one. */
async function said(...pieces: readonly string[]): Promise<string> {
  return textOf(await Array.fromAsync(withoutThoughts(reply(...pieces))));
}

/** What is left of a text, for every way to cut it into three, and letter by letter. */
async function saidHoweverCut(text: string): Promise<readonly string[]> {
  const left = new Set([await said(...text)]);
  for (let first = 0; first <= text.length; first++) {
    for (let second = first; second <= text.length; second++) {
      left.add(
        await said(text.slice(0, first), text.slice(first, second), text.slice(second)),
      );
    }
  }
  return [...left];
}

Deno.test("a thought at the beginning is left out with the white space around it, wherever it is cut", async () => {
  const left = await saidHoweverCut(" \n<think>a < b</thin</think>\n\n Yes, it is.");

  deepEqual(left, ["Yes, it is."]);
});

Deno.test("only the first thought is left out, and a tag later in the reply is said", async () => {
  const replies = {
    "Write <think>so</think>.": "Write <think>so</think>.",
    "<think></think>Write <think>.": "Write <think>.",
    "</think> is a tag.": "</think> is a tag.",
  };

  for (const [reply, left] of Object.entries(replies)) {
    deepEqual(await saidHoweverCut(reply), [left]);
  }
});

Deno.test("a reply that only begins like a thought is said whole", async () => {
  for (const reply of ["<thin", " <", "<b>Yes</b>", "<thinking> is a tag", " \n"]) {
    deepEqual(await saidHoweverCut(reply), [reply]);
  }
});

Deno.test("a thought that does not end says nothing, and the reply ends as it did", async () => {
  const pieces = ["<think>", "Hm, ", "let me see </thi"];

  const parts = await Array.fromAsync(withoutThoughts(reply(...pieces)));

  deepEqual(parts, [END]);
  deepEqual(await saidHoweverCut("<think>Hm"), [""]);
});

Deno.test("a call is handed on behind a thought, and behind what was held back", async () => {
  const call = { kind: "toolCall", callId: "1", name: "f", arguments: "{}" } as const;
  const calling = async function* (text: string): AsyncGenerator<ReplyPart> {
    yield { kind: "text", text };
    yield call;
    yield END;
  };

  const thought = await Array.fromAsync(withoutThoughts(calling("<think>f!</think>\n")));
  const held = await Array.fromAsync(withoutThoughts(calling("<")));

  deepEqual(thought, [call, END]);
  deepEqual(held, [{ kind: "text", text: "<" }, call, END]);
});

Deno.test("a reply without a thought is not held back: each piece is there before the next is asked for", async () => {
  let asked = 0;
  const pieces = async function* (): AsyncGenerator<ReplyPart> {
    for (const text of ["H", "i", " <think>", " you"]) {
      asked++;
      yield { kind: "text", text };
    }
  };

  const seen: string[] = [];
  for await (const part of withoutThoughts(pieces())) {
    seen.push(textOf([part]));
    equal(asked, seen.length);
  }

  deepEqual(seen, ["H", "i", " <think>", " you"]);
});
