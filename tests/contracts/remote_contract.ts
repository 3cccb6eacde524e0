import {
  deepStrictEqual as deepEqual,
  ok,
  rejects,
  strictEqual as equal,
} from "node:assert/strict";
import { configure, type LogRecord, reset } from "@logtape/logtape";
import type { Engine } from "@/engines/engine.ts";
import { EngineError, type EngineFailure } from "@/errors.ts";
import { collectGarbage } from "../collect_garbage.ts";
import type { Fault, FaultyServer } from "../fakes/faulty_server.ts";
import { CLOSE_MS, promptly, RELEASE_MS } from "./promptly.ts";
import { declare, type Skip } from "./skip.ts";

/** Tests of the contract, by what they state. */
export type RemoteContractTest =
  | "answers"
  | "starts though its server is gone, and says so when asked"
  | "asks nothing for a signal that has aborted"
  | "releases an aborted caller who waits for the first byte, and closes the connection"
  | "releases an aborted caller in mid-answer, and closes the connection"
  | "closes the connection when its reader stops"
  | "waits for a first byte that comes late, and for no longer than it must"
  | "gives up a server that says nothing"
  | "gives up a server that stalls in mid-answer"
  | "says that the connection broke"
  | "says that it was refused"
  | "says that there is too much to do, and until when"
  | "says that the server failed"
  | "does not take nonsense for an answer"
  | "tells nobody its key or the user's words"
  | "does not mix two answers asked for at once";

/** How to test one engine that works elsewhere. */
export interface RemoteContractOptions<E extends Engine, Part> {
  /** Starts the fake. */
  readonly start: () => Promise<FaultyServer>;
  /** Makes the engine, which waits for no byte longer than `patienceMs`, and makes it with one of `secrets` as its key. */
  readonly create: (server: FaultyServer, options: { readonly patienceMs: number }) => Promise<E>;
  /** Asks for one of two answers, which differ. */
  readonly ask: (engine: E, which: 0 | 1, signal: AbortSignal) => AsyncIterable<Part>;
  /** All parts of an answer as one comparable thing, however it was cut. */
  readonly whole: (parts: readonly Part[]) => unknown;
  /** The key, and words that the first request holds. */
  readonly secrets: readonly string[];
  /** What cannot be had from this engine, and why. */
  readonly skip?: readonly Skip<RemoteContractTest>[];
}

/** A first byte that comes late, in ms. */
const LATE_MS = 300;

const PATIENT = { patienceMs: 30_000 };
const IMPATIENT = { patienceMs: 200 };

/** Tests that hold for every engine that asks a server. Each has a server and an engine of its own. */
export function testRemoteEngine<E extends Engine, Part>(
  name: string,
  { start, create, ask, whole, secrets, skip = [] }: RemoteContractOptions<E, Part>,
): void {
  function contract(
    test: RemoteContractTest,
    run: (engine: E, server: FaultyServer) => Promise<void>,
    options: { readonly patienceMs: number } = PATIENT,
  ): void {
    const { name: stated, ignore } = declare(test, skip);
    Deno.test({ name: `${name} (remote) ${stated}`, ignore }, async () => {
      await using server = await start();
      await using engine = await create(server, options);
      await run(engine, server);
    });
  }

  async function answer(engine: E, which: 0 | 1 = 0, signal = never): Promise<unknown> {
    return whole(await Array.fromAsync(ask(engine, which, signal)));
  }

  /** Asks a server with a fault, and then the same one without: a failure must leave the engine as it was. */
  async function fails(
    { engine, server, fault }: { engine: E; server: FaultyServer; fault: Fault },
  ): Promise<EngineError> {
    server.fault = fault;
    const error: unknown = await answer(engine).then(() => undefined, (error) => error);
    ok(error instanceof EngineError, Deno.inspect(error));
    equal(error.engine, engine.name);
    server.fault = undefined;
    await answer(engine);
    return error;
  }

  async function failsWith(
    failure: EngineFailure,
    { engine, server, fault }: { engine: E; server: FaultyServer; fault: Fault },
  ): Promise<void> {
    equal((await fails({ engine, server, fault })).failure, failure);
  }

  /** Aborts an answer that is under way; resolves to the ms until the caller was free and the connection closed. */
  async function abort(
    { engine, server, begun }: { engine: E; server: FaultyServer; begun: boolean },
  ): Promise<{ released: number; closed: number }> {
    const controller = new AbortController();
    const { signal } = controller;
    const dropped = answer(engine, 0, signal);
    dropped.catch(() => {});
    const arrival = await server.nextArrival();
    if (begun) await arrival.begun;
    await turn();
    collectGarbage();

    const abortedAt = performance.now();
    controller.abort();
    const [released, closed] = await Promise.all([
      rejects(dropped, (error) => error === signal.reason).then(() => performance.now()),
      arrival.closed.then(() => performance.now()),
    ]);
    return { released: released - abortedAt, closed: closed - abortedAt };
  }

  async function abortsInTime(
    options: { engine: E; server: FaultyServer; begun: boolean },
  ): Promise<void> {
    await promptly({ released: RELEASE_MS, closed: CLOSE_MS }, () => abort(options));
  }

  contract("answers", async (engine) => {
    const parts = await Array.fromAsync(ask(engine, 0, never));

    ok(parts.length > 0);
  });

  contract("starts though its server is gone, and says so when asked", async (_, server) => {
    await server[Symbol.asyncDispose]();

    await using engine = await create(server, PATIENT);

    await rejects(answer(engine), { name: "EngineError", failure: "unavailable" });
  });

  contract("asks nothing for a signal that has aborted", async (engine, server) => {
    const reason = new Error("too late");

    await rejects(answer(engine, 0, AbortSignal.abort(reason)), (error) => error === reason);

    equal(server.arrivals(), 0);
  });

  contract(
    "releases an aborted caller who waits for the first byte, and closes the connection",
    async (engine, server) => {
      server.fault = { kind: "silence" };

      await abortsInTime({ engine, server, begun: false });

      server.fault = undefined;
      await answer(engine);
    },
  );

  contract(
    "releases an aborted caller in mid-answer, and closes the connection",
    async (engine, server) => {
      server.fault = { kind: "stall" };

      await abortsInTime({ engine, server, begun: true });

      server.fault = undefined;
      await answer(engine);
    },
  );

  contract("closes the connection when its reader stops", async (engine, server) => {
    server.fault = { kind: "stall" };
    const reader = ask(engine, 0, never)[Symbol.asyncIterator]();
    const first = await reader.next();
    const arrival = await server.nextArrival();

    await reader.return?.();

    equal(first.done, false);
    await arrival.closed;
  });

  contract(
    "waits for a first byte that comes late, and for no longer than it must",
    async (engine, server) => {
      const atOnce = await answer(engine);
      server.fault = { kind: "late", ms: LATE_MS };
      const askedAt = performance.now();

      const late = await answer(engine);

      deepEqual(late, atOnce);
      ok(performance.now() - askedAt >= LATE_MS);
      equal(server.arrivals(), 2);
    },
  );

  contract("gives up a server that says nothing", async (engine, server) => {
    server.fault = { kind: "silence" };

    const gaveUp = rejects(answer(engine), { name: "EngineError", failure: "timeout" });

    await (await server.nextArrival()).closed;
    await gaveUp;
  }, IMPATIENT);

  contract("gives up a server that stalls in mid-answer", async (engine, server) => {
    server.fault = { kind: "stall" };

    const gaveUp = rejects(answer(engine), { name: "EngineError", failure: "timeout" });

    const arrival = await server.nextArrival();
    await arrival.begun;
    await turn();
    collectGarbage();
    await arrival.closed;
    await gaveUp;
  }, IMPATIENT);

  contract(
    "says that the connection broke",
    (engine, server) => failsWith("unavailable", { engine, server, fault: { kind: "drop" } }),
  );

  contract(
    "says that it was refused",
    (engine, server) =>
      failsWith("denied", { engine, server, fault: { kind: "refusal", status: 401 } }),
  );

  contract("says that there is too much to do, and until when", async (engine, server) => {
    const fault = { kind: "refusal", status: 429, retryAfterSeconds: 7 } as const;

    const error = await fails({ engine, server, fault });

    deepEqual([error.failure, error.retryAfterMs], ["overloaded", 7000]);
  });

  contract(
    "says that the server failed",
    (engine, server) =>
      failsWith("unavailable", { engine, server, fault: { kind: "refusal", status: 500 } }),
  );

  contract(
    "does not take nonsense for an answer",
    (engine, server) => failsWith("malformed", { engine, server, fault: { kind: "nonsense" } }),
  );

  contract("tells nobody its key or the user's words", async (engine, server) => {
    const told: string[] = [];
    await configure({
      sinks: { memory: (record: LogRecord) => void told.push(Deno.inspect(record, { depth: 9 })) },
      loggers: [
        { category: "chatai", sinks: ["memory"], lowestLevel: "info" },
        { category: ["logtape", "meta"], sinks: [] },
      ],
    });
    try {
      for (const status of [401, 429, 500] as const) {
        const error = await fails({ engine, server, fault: { kind: "refusal", status } });
        told.push(Deno.inspect(error, { depth: 9 }));
      }
    } finally {
      await reset();
    }

    ok(told.length >= 3);
    deepEqual(secrets.filter((secret) => told.some((text) => text.includes(secret))), []);
  });

  contract("does not mix two answers asked for at once", async (engine) => {
    const [first, second] = [await answer(engine, 0), await answer(engine, 1)];

    const together = await Promise.all(
      ([0, 1, 0, 1] as const).map((which) => answer(engine, which)),
    );

    deepEqual(together, [first, second, first, second]);
    ok(Deno.inspect(first) !== Deno.inspect(second));
  });
}

const never = new AbortController().signal;

/** A turn of the event loop: whatever can happen at once has happened. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
