import { deepStrictEqual as deepEqual, rejects, strictEqual as equal } from "node:assert/strict";
import { FakeTime } from "@std/testing/time";
import { failOverSynthesisers } from "@/engines/failover/tts.ts";
import type { Speech, SpeechSynthesiser } from "@/engines/tts/engine.ts";
import { testSpeechSynthesiser } from "../../contracts/tts_contract.ts";
import { collectSwitches, type Fault, faulty } from "../../fakes/faulty.ts";
import { ScriptedSynthesiser, spokenText } from "../../fakes/scripted_synthesiser.ts";

interface FaultySynthesiser extends SpeechSynthesiser {
  fault: Fault;
  readonly spoken: string[];
}

function synthesiser(name: string, fault: Fault = "none"): FaultySynthesiser {
  const inner = new ScriptedSynthesiser({ name, pieceMs: 80 });
  return {
    name,
    voices: [`${name}-voice`, "shared"],
    fault,
    spoken: [],
    synthesize(text, options) {
      this.spoken.push(text);
      return faulty(name, this.fault, inner.synthesize(text, options), options.signal);
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

testSpeechSynthesiser("a failover list whose first synthesiser is down", () => {
  const down = { ...synthesiser("down", "refuses"), voices: [] };
  const works = { ...synthesiser("works"), voices: ["works-voice"] };
  return Promise.resolve(failOverSynthesisers([down, works]));
});

/** What is heard of a sentence, and whether it broke off. */
function heard(pieces: readonly Speech[]): [string, boolean] {
  const text = pieces.map(({ samples }) => spokenText(samples)).join("");
  return [text, pieces.at(-1)?.brokenOff === true];
}

Deno.test("a sentence is spoken by the next synthesiser where the first fails before its audio", async () => {
  const { switches, onSwitch } = collectSwitches();
  await using tts = failOverSynthesisers([synthesiser("a", "refuses"), synthesiser("b")]);
  const { signal } = new AbortController();

  const pieces = await Array.fromAsync(tts.synthesize("hello", { signal, onSwitch }));

  deepEqual(heard(pieces), ["hello", false]);
  deepEqual(switches, ["a>b"]);
});

Deno.test("a synthesiser that is silent for 5 s gives way to the next", async () => {
  using time = new FakeTime();
  await using tts = failOverSynthesisers([synthesiser("a", "hangs"), synthesiser("b")]);
  const { signal } = new AbortController();
  const pieces = Array.fromAsync(tts.synthesize("hello", { signal }));

  await time.tickAsync(5000);

  deepEqual(heard(await pieces), ["hello", false]);
});

Deno.test("a sentence that breaks off ends there, and the rest of that response goes to the next: never two voices in one sentence", async () => {
  const { switches, onSwitch } = collectSwitches();
  const [a, b] = [synthesiser("a", "breaks"), synthesiser("b")];
  await using tts = failOverSynthesisers([a, b]);
  const { signal } = new AbortController();
  const speak = async (text: string) =>
    heard(await Array.fromAsync(tts.synthesize(text, { signal, onSwitch })));

  const sentences = [await speak("first one"), await speak("second"), await speak("third")];

  deepEqual(sentences, [["fi", true], ["second", false], ["third", false]]);
  deepEqual([a.spoken, b.spoken], [["first one"], ["second", "third"]]);
  deepEqual(switches, ["a>b"]);
});

Deno.test("a synthesiser that fails before a sentence leaves the rest of that response to the next: voices do not alternate", async () => {
  const [a, b] = [synthesiser("a", "refuses"), synthesiser("b")];
  await using tts = failOverSynthesisers([a, b]);
  const { signal } = new AbortController();
  const speak = async (text: string) => await Array.fromAsync(tts.synthesize(text, { signal }));

  await speak("one");
  a.fault = "none";
  await speak("two");

  deepEqual([a.spoken, b.spoken], [["one"], ["one", "two"]]);
});

Deno.test("a synthesiser that makes a whole sentence at once has as long as it says it needs", async () => {
  using time = new FakeTime();
  const slow = { ...synthesiser("slow", "hangs"), deadlineMs: 12_000 };
  const next = synthesiser("next");
  await using tts = failOverSynthesisers([slow, next]);
  const { signal } = new AbortController();
  const pieces = Array.fromAsync(tts.synthesize("hello", { signal }));

  await time.tickAsync(11_999);
  const before = [...next.spoken];
  await time.tickAsync(1);

  deepEqual(heard(await pieces), ["hello", false]);
  deepEqual([before, next.spoken], [[], ["hello"]]);
});

Deno.test("the next response begins with the first synthesiser again", async () => {
  const a = synthesiser("a", "breaks");
  await using tts = failOverSynthesisers([a, synthesiser("b")]);
  await Array.fromAsync(tts.synthesize("one", { signal: new AbortController().signal }));

  a.fault = "none";
  await Array.fromAsync(tts.synthesize("two", { signal: new AbortController().signal }));

  deepEqual(a.spoken, ["one", "two"]);
});

Deno.test("a response whose synthesisers have all broken off once is spoken on by whoever can", async () => {
  const [a, b] = [synthesiser("a", "breaks"), synthesiser("b", "breaks")];
  await using tts = failOverSynthesisers([a, b]);
  const { signal } = new AbortController();
  await Array.fromAsync(tts.synthesize("one", { signal }));
  await Array.fromAsync(tts.synthesize("two", { signal }));

  a.fault = "none";
  const pieces = await Array.fromAsync(tts.synthesize("three", { signal }));

  deepEqual(heard(pieces), ["three", false]);
});

Deno.test("when none can speak, the sentence fails", async () => {
  await using tts = failOverSynthesisers([synthesiser("a", "refuses"), synthesiser("b", "throws")]);
  const { signal } = new AbortController();

  await rejects(Array.fromAsync(tts.synthesize("hello", { signal })), /a: overloaded, b: crashed/);
});

Deno.test("a failover list has the voices of all, each once, the first one's first", async () => {
  await using tts = failOverSynthesisers([synthesiser("a"), synthesiser("b")]);

  deepEqual(tts.voices, ["a-voice", "shared", "b-voice"]);
  equal(tts.name, "a,b");
});

Deno.test("speech from a cache proves nothing of its engine: three failures in a row leave it alone all the same", async () => {
  using _time = new FakeTime();
  const a = synthesiser("a");
  const kept = { samples: new Float32Array(160), sampleRate: 16_000, kept: true as const };
  const behindCache: SpeechSynthesiser = {
    ...a,
    synthesize: (text, options) =>
      text === "hello" ? ReadableStream.from([kept]).values() : a.synthesize(text, options),
  };
  await using tts = failOverSynthesisers([behindCache, synthesiser("b")]);
  const speak = async (text: string) => {
    for await (const _ of tts.synthesize(text, { signal: new AbortController().signal }));
  };
  a.fault = "refuses";

  for (const text of ["one", "hello", "two", "hello", "three", "four"]) await speak(text);

  deepEqual(a.spoken, ["one", "two", "three"]);
});
