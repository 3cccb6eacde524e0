import {
  deepStrictEqual as deepEqual,
  ok,
  rejects,
  strictEqual as equal,
} from "node:assert/strict";
import { FakeTime } from "@std/testing/time";
import { failOverModels } from "@/engines/failover/llm.ts";
import type { LanguageModel, ReplyPart } from "@/engines/llm/engine.ts";
import { createScripted } from "@/engines/llm/scripted.ts";
import { EngineError } from "@/errors.ts";
import { prompt, testLanguageModel, textOf } from "../../contracts/llm_contract.ts";
import { collectSwitches, type Fault, faulty } from "../../fakes/faulty.ts";

const never = new AbortController().signal;

/** A model that says its name, in two pieces. */
function model(name: string, fault: () => Fault = () => "none"): LanguageModel & { asked: number } {
  async function* say(): AsyncGenerator<ReplyPart> {
    yield await Promise.resolve({ kind: "text", text: `I am ` });
    yield { kind: "text", text: `${name}.` };
    yield { kind: "end", reason: "stop" };
  }
  return {
    name,
    asked: 0,
    reply(_, { signal }) {
      this.asked++;
      return faulty(name, fault(), say(), signal);
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

testLanguageModel(
  "a failover list whose first model is down",
  () => Promise.resolve(failOverModels([model("down", () => "refuses"), createScripted()])),
);

for (const fault of ["refuses", "throws"] as const) {
  Deno.test(`a model that ${fault} before its first token gives way to the next, which is told once`, async () => {
    const { switches, onSwitch } = collectSwitches();
    await using llm = failOverModels([model("a", () => fault), model("b")]);

    const parts = await Array.fromAsync(llm.reply(prompt("Hello"), { signal: never, onSwitch }));

    equal(textOf(parts), "I am b.");
    deepEqual(switches, ["a>b"]);
  });
}

Deno.test("a model that says nothing for 15 s gives way to the next", async () => {
  using time = new FakeTime();
  const { switches, onSwitch } = collectSwitches();
  await using llm = failOverModels([model("a", () => "hangs"), model("b")]);
  const reply = Array.fromAsync(llm.reply(prompt("Hello"), { signal: never, onSwitch }));

  await time.tickAsync(14_999);
  const before = [...switches];
  await time.tickAsync(1);

  equal(textOf(await reply), "I am b.");
  deepEqual([before, switches], [[], ["a>b"]]);
});

Deno.test("a model that breaks off after its first token is not replaced: nobody says half a sentence again", async () => {
  const { switches, onSwitch } = collectSwitches();
  const b = model("b");
  await using llm = failOverModels([model("a", () => "breaks"), b]);
  const said: ReplyPart[] = [];

  const reply = (async () => {
    for await (const part of llm.reply(prompt("Hello"), { signal: never, onSwitch })) {
      said.push(part);
    }
  })();

  await rejects(reply, (error) => error instanceof EngineError && error.engine === "a");
  deepEqual([textOf(said), switches, b.asked], ["I am ", [], 0]);
});

Deno.test("when no model can, the error names each and why", async () => {
  await using llm = failOverModels([model("a", () => "refuses"), model("b", () => "throws")]);

  const reply = Array.fromAsync(llm.reply(prompt("Hello"), { signal: never }));

  await rejects(reply, (error) => {
    ok(error instanceof EngineError);
    equal(error.engine, "a,b");
    ok(/a: overloaded, b: crashed/.test(error.message), error.message);
    return true;
  });
});

Deno.test("a model that has failed three times is not asked for a fourth reply, until a probe succeeds", async () => {
  using time = new FakeTime();
  let fault: Fault = "refuses";
  const a = model("a", () => fault);
  await using llm = failOverModels([a, model("b")]);
  const turn = async () =>
    textOf(await Array.fromAsync(llm.reply(prompt("Hello"), { signal: never })));

  const down = [await turn(), await turn(), await turn(), await turn()];
  const asked = a.asked;
  fault = "none";
  for (let s = 0; s < 6; s++) await time.tickAsync(1000);

  deepEqual(down, Array(4).fill("I am b."));
  equal(asked, 3);
  equal(await turn(), "I am a.");
});

Deno.test("models that are all left alone are asked all the same: the callers have nobody else", async () => {
  using _time = new FakeTime();
  let fault: Fault = "refuses";
  await using llm = failOverModels([model("a", () => fault), model("b", () => fault)]);
  for (let i = 0; i < 3; i++) {
    await rejects(Array.fromAsync(llm.reply(prompt("Hello"), { signal: never })));
  }

  fault = "none";

  equal(textOf(await Array.fromAsync(llm.reply(prompt("Hi"), { signal: never }))), "I am a.");
});

Deno.test("an interruption is no failure: nobody takes over, and the model is asked again next time", async () => {
  const { switches, onSwitch } = collectSwitches();
  const a = model("a", () => "hangs");
  await using llm = failOverModels([a, model("b")]);

  for (let i = 1; i <= 4; i++) {
    const controller = new AbortController();
    const { signal } = controller;
    const reply = Array.fromAsync(llm.reply(prompt("Hello"), { signal, onSwitch }));
    controller.abort();

    await rejects(reply, (error) => error === signal.reason);
    equal(a.asked, i);
  }
  deepEqual(switches, []);
});
