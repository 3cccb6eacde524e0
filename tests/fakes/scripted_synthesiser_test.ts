import { deepStrictEqual as deepEqual, rejects, strictEqual as equal } from "node:assert/strict";
import { ScriptedSynthesiser, spokenText } from "./scripted_synthesiser.ts";

const signal = new AbortController().signal;

Deno.test("what the scripted synthesiser says can be read back from its audio", async () => {
  const synthesiser = new ScriptedSynthesiser({ pieceMs: 70 });

  const pieces = await Array.fromAsync(synthesiser.synthesize("Count to 40, zebra!", { signal }));

  const samples = pieces.flatMap((piece) => [...piece.samples]);
  equal(spokenText(new Float32Array(samples)), "count to 40  zebra ");
  equal(synthesiser.calls[0]?.state, "spoken");
});

Deno.test("a manual scripted synthesiser speaks only when it is released", async () => {
  const synthesiser = new ScriptedSynthesiser({ manual: true });
  const first = Array.fromAsync(synthesiser.synthesize("one", { signal }));
  const second = Array.fromAsync(synthesiser.synthesize("two", { signal }));
  await synthesiser.called(2);

  synthesiser.release();
  synthesiser.fail(new Error("lost its voice"));

  equal((await first).length, 1);
  await rejects(second, { message: "lost its voice" });
  deepEqual(synthesiser.calls.map((call) => call.state), ["spoken", "failed"]);
});

Deno.test("a waiting sentence of the scripted synthesiser ends with its signal", async () => {
  const synthesiser = new ScriptedSynthesiser({ manual: true });
  const controller = new AbortController();
  const speech = Array.fromAsync(synthesiser.synthesize("one", { signal: controller.signal }));

  controller.abort();

  await rejects(speech, { name: "AbortError" });
  equal(synthesiser.calls[0]?.state, "aborted");
});
