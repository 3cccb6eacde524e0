import { deepStrictEqual as deepEqual } from "node:assert/strict";
import { FakeTime } from "@std/testing/time";
import { type EndsOfSession, watchEnds } from "@/conversation/ends_of_session.ts";
import { createFacts } from "@/conversation/facts_stream.ts";
import { SessionLost } from "@/conversation/session_store.ts";

/** Lets everything that can go on without time go on. */
async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

/** A session that ends for its first reason, and all the reasons that it was told. */
function watch(given: Partial<EndsOfSession> = {}) {
  const life = new AbortController();
  const reasons: string[] = [];
  const facts = createFacts({ now: () => 0 });
  watchEnds((reason) => {
    if (!life.signal.aborted) reasons.push(reason);
    life.abort(reason);
    facts.complete();
  }, {
    maxMinutes: 60,
    idleSeconds: undefined,
    lost: new AbortController().signal,
    stopping: undefined,
    quiet: () => Promise.resolve(),
    facts,
    signal: life.signal,
    ...given,
  });
  return { reasons, facts };
}

Deno.test("a session expires after its longest duration, and then for no other reason", async () => {
  using time = new FakeTime();
  const { reasons } = watch({ maxMinutes: 1, idleSeconds: 70 });

  await time.tickAsync(59_999);
  const before = [...reasons];
  await time.tickAsync(100_000);

  deepEqual([before, reasons], [[], ["expired"]]);
});

Deno.test("a session in which nothing happens for too long is idle; every fact begins the wait anew", async () => {
  using time = new FakeTime();
  const { reasons, facts } = watch({ idleSeconds: 10 });

  await time.tickAsync(9999);
  facts.emit({ kind: "speechStarted", itemId: "item_1" });
  await time.tickAsync(9999);
  const before = [...reasons];
  await time.tickAsync(1);

  deepEqual([before, reasons], [[], ["idle"]]);
});

Deno.test("a session that another took over ends as that, and one whose record fails as failed", () => {
  const taken = AbortSignal.abort(new SessionLost("sess_1", "taken_over"));
  const broken = AbortSignal.abort(new Error("no store"));

  const ends = [taken, broken].map((lost) => watch({ lost }).reasons);

  deepEqual(ends, [["taken_over"], ["failed"]]);
});

Deno.test("a session of a server that stops ends once it is quiet, and after 10 s at the latest", async () => {
  using time = new FakeTime();
  const stopping = AbortSignal.abort();
  const quiet = watch({ stopping });
  const talking = watch({ stopping, quiet: () => new Promise(() => {}) });

  await time.tickAsync(0);
  const atOnce = [[...quiet.reasons], [...talking.reasons]];
  await time.tickAsync(10_000);
  await settle();

  deepEqual(atOnce, [["shutdown"], []]);
  deepEqual(talking.reasons, ["shutdown"]);
});
