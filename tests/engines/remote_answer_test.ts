import { deepStrictEqual as deepEqual, rejects, strictEqual as equal } from "node:assert/strict";
import { delay } from "@std/async";
import { FakeTime } from "@std/testing/time";
import { remoteAnswer, type RemoteQuestion } from "@/engines/remote_answer.ts";
import { EngineError } from "@/errors.ts";

const never = new AbortController().signal;

/** An answer whose beginning and each of whose parts take so many ms. */
function question(
  { beginsAfter, parts, signal = never }: {
    beginsAfter: number;
    parts: readonly number[];
    signal?: AbortSignal;
  },
): RemoteQuestion<number> & { readonly given: () => AbortSignal | undefined } {
  let given: AbortSignal | undefined;
  return {
    engine: "distant",
    signal,
    patience: { connectMs: 100, partMs: 50 },
    async ask(own) {
      given = own;
      await delay(beginsAfter);
      return (async function* () {
        for (const ms of parts) {
          await delay(ms);
          yield ms;
        }
      })();
    },
    explain: (cause) =>
      new EngineError("it broke", { engine: "distant", failure: "crashed", cause }),
    given: () => given,
  };
}

Deno.test("a remote answer may take long in all, if no part of it does", async () => {
  using time = new FakeTime();
  const asked = question({ beginsAfter: 99, parts: [49, 49, 49] });

  const answer = Array.fromAsync(remoteAnswer(asked));
  await time.runAllAsync();

  deepEqual(await answer, [49, 49, 49]);
});

for (
  const [late, timing] of Object.entries({
    "begins late": { beginsAfter: 101, parts: [] },
    "has a late first part": { beginsAfter: 0, parts: [51] },
    "has a late second part": { beginsAfter: 0, parts: [1, 51] },
  })
) {
  Deno.test(`a remote answer that ${late} is given up, and its connection closed`, async () => {
    using time = new FakeTime();
    const asked = question(timing);

    const failed = rejects(Array.fromAsync(remoteAnswer(asked)), {
      name: "EngineError",
      engine: "distant",
      failure: "timeout",
    });
    await time.runAllAsync();

    await failed;
    equal(asked.given()?.aborted, true);
  });
}

Deno.test("a caller who aborts is released although the server goes on, with the signal's reason", async () => {
  using time = new FakeTime();
  const controller = new AbortController();
  const asked = question({ beginsAfter: 90, parts: [], signal: controller.signal });
  const failed = rejects(Array.fromAsync(remoteAnswer(asked)), (error) => error === "enough");
  await time.runMicrotasks();

  controller.abort("enough");

  await failed;
  equal(asked.given()?.aborted, true);
  await time.runAllAsync();
});

Deno.test("an error of the answer is explained, unless the caller has aborted", async () => {
  const controller = new AbortController();
  const broken = (signal: AbortSignal, before: () => void): RemoteQuestion<number> => ({
    ...question({ beginsAfter: 0, parts: [] }),
    signal,
    ask() {
      before();
      return Promise.reject(new Error("library's own"));
    },
  });

  await rejects(Array.fromAsync(remoteAnswer(broken(never, () => {}))), { failure: "crashed" });
  await rejects(
    Array.fromAsync(remoteAnswer(broken(controller.signal, () => controller.abort("enough")))),
    (error) => error === "enough",
  );
});

Deno.test("an answer whose reader stops is ended", async () => {
  const asked = question({ beginsAfter: 0, parts: [0, 0] });
  const reader = remoteAnswer(asked);
  await reader.next();

  await reader.return(undefined);

  equal(asked.given()?.aborted, true);
});
