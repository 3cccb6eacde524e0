import { deepStrictEqual as deepEqual, rejects, strictEqual as equal } from "node:assert/strict";
import { FakeTime } from "@std/testing/time";
import type { MarkedFrame } from "@/audio/frame.ts";
import type { SpeechRecogniser, Transcript } from "@/engines/asr/engine.ts";
import { fromSegments } from "@/engines/asr/from_segments.ts";
import { failOverRecognisers } from "@/engines/failover/asr.ts";
import { EngineError } from "@/errors.ts";
import { type ContractUtterance, testSpeechRecogniser } from "../../contracts/asr_contract.ts";
import { readCode, sayInCode } from "../../fakes/coded_speech.ts";
import { collectSwitches, type Fault } from "../../fakes/faulty.ts";
import { markedFrames } from "../../fakes/marked_frames.ts";
import { words } from "../speech.ts";

const never = new AbortController().signal;

/** Counts the frames it hears; after the third it shows a partial text, and does what its fault is. */
function recogniser(name: string, fault: Fault = "none"): SpeechRecogniser {
  return {
    name,
    async *transcribe(audio, { signal }): AsyncGenerator<Transcript> {
      signal.throwIfAborted();
      if (fault === "refuses") {
        throw new EngineError("no", { engine: name, failure: "unavailable" });
      }
      let frames = 0;
      const reader = audio.getReader();
      const abort = () => void reader.cancel();
      signal.addEventListener("abort", abort, { once: true });
      try {
        for (let r = await reader.read(); !r.done; r = await reader.read()) {
          if (++frames !== 3) continue;
          yield { kind: "partial", text: `${name} hears` };
          if (fault === "breaks") {
            throw new EngineError("broke off", { engine: name, failure: "crashed" });
          }
        }
        if (fault === "hangs" && !signal.aborted) {
          await new Promise((resolve) => signal.addEventListener("abort", resolve));
        }
        signal.throwIfAborted();
        yield { kind: "final", text: `${name} heard ${frames}` };
      } finally {
        signal.removeEventListener("abort", abort);
        reader.releaseLock();
      }
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** Reads what {@linkcode sayInCode} says. */
function reader(): SpeechRecogniser {
  return fromSegments({
    name: "reader",
    recognise: (samples) => Promise.resolve(readCode(samples)),
    dispose: () => Promise.resolve(),
  });
}

function coded(text: string): ContractUtterance {
  return { samples: sayInCode(text), words: words(text) };
}

for (const fault of ["refuses", "breaks"] as const) {
  testSpeechRecogniser(
    `a failover list whose first recogniser ${fault}`,
    () => Promise.resolve(failOverRecognisers([recogniser("down", fault), reader()])),
    {
      utterances: [coded("good morning"), coded("two red apples")],
      long: coded("all sorts of words ".repeat(40)),
    },
  );
}

Deno.test("who takes over hears the utterance from its beginning, also what is still to come", async () => {
  const { switches, onSwitch } = collectSwitches();
  await using asr = failOverRecognisers([recogniser("a", "breaks"), recogniser("b")]);
  const { readable, writable } = new TransformStream<MarkedFrame, MarkedFrame>();
  const writer = writable.getWriter();
  const frames = markedFrames("######");
  const transcripts = Array.fromAsync(asr.transcribe(readable, { signal: never, onSwitch }));

  for (const frame of frames) await writer.write(frame);
  await writer.close();

  deepEqual(await transcripts, [
    { kind: "partial", text: "a hears" },
    { kind: "partial", text: "b hears" },
    { kind: "final", text: "b heard 6" },
  ]);
  deepEqual(switches, ["a>b"]);
  equal(readable.locked, false);
});

Deno.test("a recogniser has 8 s for the final text, from the utterance's end on", async () => {
  using time = new FakeTime();
  await using asr = failOverRecognisers([recogniser("a", "hangs"), recogniser("b")]);
  const { readable, writable } = new TransformStream<MarkedFrame, MarkedFrame>();
  const writer = writable.getWriter();
  const transcripts = Array.fromAsync(asr.transcribe(readable, { signal: never }));
  let settled = false;
  void transcripts.then(() => settled = true);

  await time.tickAsync(60_000); // the user speaks for long
  await writer.write(markedFrames("#")[0]!);
  await writer.close();
  await time.tickAsync(7999);
  const before = settled;
  await time.tickAsync(1);

  equal(before, false);
  deepEqual((await transcripts).at(-1), { kind: "final", text: "b heard 1" });
});

Deno.test("a microphone that fails is nobody's failure: it is told as it is, and nobody takes over", async () => {
  const { switches, onSwitch } = collectSwitches();
  await using asr = failOverRecognisers([recogniser("a"), recogniser("b")]);
  const error = new Error("microphone gone");
  const audio = ReadableStream.from((async function* () {
    yield* markedFrames("##");
    await Promise.resolve();
    throw error;
  })());

  const transcripts = Array.fromAsync(asr.transcribe(audio, { signal: never, onSwitch }));

  await rejects(transcripts, (reason) => reason === error);
  deepEqual(switches, []);
});

Deno.test("an aborted caller is released at once, and the microphone with it", async () => {
  await using asr = failOverRecognisers([recogniser("a", "hangs"), recogniser("b")]);
  const controller = new AbortController();
  let cancelled: unknown;
  const audio = new ReadableStream<MarkedFrame>({
    cancel: (reason) => void (cancelled = reason),
  });
  const transcripts = Array.fromAsync(asr.transcribe(audio, { signal: controller.signal }));
  transcripts.catch(() => {});
  await Promise.resolve();

  controller.abort("enough");

  await rejects(transcripts, (reason) => reason === "enough");
  deepEqual([audio.locked, cancelled], [false, "enough"]);
});

Deno.test("when no recogniser can, the error names each and why", async () => {
  await using asr = failOverRecognisers([recogniser("a", "breaks"), recogniser("b", "breaks")]);
  const audio = ReadableStream.from(markedFrames("####"));

  const transcripts = Array.fromAsync(asr.transcribe(audio, { signal: never }));

  await rejects(transcripts, /a: crashed, b: crashed/);
});
