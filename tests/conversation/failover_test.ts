import { deepStrictEqual as deepEqual, ok, strictEqual as equal } from "node:assert/strict";
import { map, tap } from "rxjs";
import type { ReplyPart } from "@/engines/llm/engine.ts";
import { failOverSynthesisers } from "@/engines/failover/tts.ts";
import type { SpeechSynthesiser } from "@/engines/tts/engine.ts";
import type { SessionFact } from "@/facts.ts";
import { loudnessDetector } from "../fakes/loudness_detector.ts";
import { type Fault, faulty } from "../fakes/faulty.ts";
import { ScriptedSynthesiser } from "../fakes/scripted_synthesiser.ts";
import { StreamingRecogniser } from "../fakes/streaming_recogniser.ts";
import { openTalk, type Talk } from "./talk.ts";

async function* twoSentences(): AsyncGenerator<ReplyPart> {
  yield { kind: "text", text: "The first sentence is this one. And the second is that one." };
  yield { kind: "end", reason: "stop" };
}

function synthesiser(name: string, fault: Fault): SpeechSynthesiser {
  const inner = new ScriptedSynthesiser({ name, pieceMs: 400 });
  return {
    name,
    voices: ["tone"],
    synthesize: (text, options) =>
      faulty(name, fault, inner.synthesize(text, options), options.signal),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** A talk whose synthesisers have these faults, and the facts of its engines. */
async function talkWith(first: Fault, second: Fault): Promise<[Talk, SessionFact[]]> {
  const seen: SessionFact[] = [];
  const talk = await openTalk({
    engines: {
      vad: loudnessDetector,
      asr: new StreamingRecogniser(),
      llm: {
        name: "two",
        reply: twoSentences,
        [Symbol.asyncDispose]: () => Promise.resolve(),
      },
      tts: failOverSynthesisers([synthesiser("a", first), synthesiser("b", second)]),
    },
    observe: (facts) =>
      facts.observe("test", (stream) => stream.pipe(tap((fact) => seen.push(fact)), map(() => 0))),
  });
  return [talk, seen];
}

function answered({ client, session }: Talk): { status: string; text: string } {
  const [, itemId] = client.of("response.message")[0]!;
  session.retrieveItem(itemId);
  const [item] = client.of("itemRetrieved").at(-1)!;
  const [, outcome] = client.of("response.end")[0]!;
  return { status: outcome.status, text: item.content[0].transcript };
}

Deno.test("a sentence that breaks off is remembered as far as it was heard, and the next sentence is spoken by the next engine", async () => {
  const [talk, facts] = await talkWith("breaks", "none");
  await using _ = talk;

  talk.session.createResponse({});
  await talk.silence(4000);

  const { status, text } = answered(talk);
  equal(status, "completed");
  ok(!text.includes("sentence is this one"), text);
  ok(text.endsWith("And the second is that one."), text);
  deepEqual(
    facts.filter(({ kind }) => kind === "engineSwitched")
      .map((fact) => fact.kind === "engineSwitched" && [fact.from, fact.to]),
    [["a", "b"]],
  );
});

Deno.test("with every synthesiser down the response fails with a cause that a user can read, and the session lives on", async () => {
  const [talk] = await talkWith("refuses", "refuses");
  await using _ = talk;

  talk.session.createResponse({});
  await talk.silence(200);
  talk.session.createResponse({ output_modalities: ["text"] });
  await talk.silence(200);

  const [failed, inWriting] = talk.client.of("response.end").map(([, outcome]) => outcome);
  equal(failed.status, "failed");
  equal(failed.error.message, 'The engine "a,b" has too much to do');
  equal(inWriting.status, "completed");
});
