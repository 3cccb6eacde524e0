import { deepStrictEqual as deepEqual, rejects, strictEqual as equal } from "node:assert/strict";
import { EngineError } from "@/errors.ts";
import { InstanceDied } from "@/inference/host.ts";
import { supervise } from "@/inference/supervise.ts";

/** A host whose instances live or die as the script says; tells how many were started. */
async function scripted(
  script: { now: number; dies: boolean; starts: boolean; refuses?: boolean; dead?: number },
) {
  let started = 0;
  const host = await supervise<string, number>({
    engine: "scripted",
    start: () => {
      const mine = ++started;
      if (!script.starts) return Promise.reject(new Error("no memory"));
      return Promise.resolve({
        alive: () => mine !== script.dead,
        run: () => {
          if (script.dies) return Promise.reject(new InstanceDied("killed"));
          if (script.refuses) {
            const refusal = { engine: "scripted", failure: "rejected" } as const;
            return Promise.reject(new EngineError("too long", refusal));
          }
          return Promise.resolve(mine);
        },
      });
    },
    now: () => script.now,
  });
  return { host, started: () => started };
}

Deno.test("an instance that died is replaced at once", async () => {
  const script = { now: 0, dies: true, starts: true };
  const { host } = await scripted(script);
  await rejects(host.run("a"), { failure: "crashed" });

  script.dies = false;

  equal(await host.run("b"), 2);
});

Deno.test("a replacement that dies too is replaced after a pause that doubles", async () => {
  const script = { now: 0, dies: true, starts: true };
  const { host, started } = await scripted(script);
  for (let i = 0; i < 2; i++) await rejects(host.run("a"), { failure: "crashed" });

  const starts: number[] = [];
  for (const now of [499, 500, 1499, 1500]) {
    script.now = now;
    await rejects(host.run("a"));
    starts.push(started());
  }

  deepEqual(starts, [2, 3, 3, 4]);
});

Deno.test("within the pause jobs are refused at once", async () => {
  const script = { now: 0, dies: true, starts: true };
  const { host } = await scripted(script);

  for (let i = 0; i < 2; i++) await rejects(host.run("a"), { failure: "crashed" });

  await rejects(host.run("a"), { failure: "unavailable" });
});

Deno.test("a job well done ends the mistrust", async () => {
  const script = { now: 0, dies: true, starts: true };
  const { host } = await scripted(script);
  await rejects(host.run("a"), { failure: "crashed" });
  script.dies = false;
  await host.run("b");
  script.dies = true;
  await rejects(host.run("c"), { failure: "crashed" });

  script.dies = false;

  equal(await host.run("d"), 3);
});

Deno.test("a replacement that cannot be loaded is unavailable, and tried again after the pause", async () => {
  const script = { now: 0, dies: true, starts: true };
  const { host, started } = await scripted(script);
  script.starts = false;
  await rejects(host.run("a"), { failure: "crashed" });
  await rejects(host.run("b"), { failure: "unavailable" });
  equal(started(), 2);

  Object.assign(script, { now: 500, dies: false, starts: true });

  equal(await host.run("c"), 3);
});

Deno.test("a refusal shows that the replacement lives", async () => {
  const script = { now: 0, dies: true, starts: true, refuses: false };
  const { host } = await scripted(script);
  for (let i = 0; i < 2; i++) await rejects(host.run("a"), { failure: "crashed" });
  Object.assign(script, { now: 500, dies: false, refuses: true });
  await rejects(host.run("b"), { failure: "rejected" });

  script.refuses = false;

  equal(await host.run("c"), 3);
});

Deno.test("an instance that died between jobs costs none", async () => {
  const script = { now: 0, dies: false, starts: true, dead: 0 };
  const { host } = await scripted(script);
  await host.run("a");

  script.dead = 1;

  equal(await host.run("b"), 2);
});
