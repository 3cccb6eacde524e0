import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import type { Item } from "@/conversation/item.ts";
import { createKvSessionStore } from "@/conversation/kv_session_store.ts";
import type { SessionStore } from "@/conversation/session_store.ts";
import { defaultSettings } from "@/conversation/settings.ts";
import { sessionsRoutes } from "@/server/sessions_routes.ts";
import { createTestApp } from "./test_app.ts";

const settings = defaultSettings({ model: "m", instructions: "Be kind.", voice: "slt" });
const item: Item = {
  id: "item_1",
  object: "realtime.item",
  type: "message",
  role: "user",
  status: "completed",
  content: [{ type: "input_text", text: "hello" }],
};

/** A store with a session of Ada's that runs, and a caller for each key. */
async function open(now: () => number = () => 0) {
  const kv = await Deno.openKv(":memory:");
  const store = createKvSessionStore(kv, { ttlHours: 1, now });
  const record = await store.create({
    id: "sess_1",
    conversationId: "conv_1",
    owner: "ada",
    settings,
  });
  await record.put({ rank: 1, item });
  return {
    record,
    ask: (method: string, key = "ada", id = "sess_1") => askStore(store, { method, key, id }),
    async [Symbol.asyncDispose]() {
      await record.release();
      kv.close();
    },
  };
}

async function askStore(
  store: SessionStore,
  { method, key, id }: { readonly method: string; readonly key: string; readonly id: string },
): Promise<Response> {
  const app = createTestApp({
    routes: sessionsRoutes(store),
    authorise: (key = "") => ({ subject: key }),
  });
  return await app(
    new Request(`http://127.0.0.1:8000/v1/sessions/${id}`, {
      method,
      headers: { authorization: `Bearer ${key}` },
    }),
  );
}

Deno.test("GET /v1/sessions/{session} shows its owner the history and the settings, while it runs", async () => {
  await using server = await open();

  const response = await server.ask("GET");

  equal(response.status, 200);
  deepEqual(await response.json(), {
    object: "chatai.session",
    id: "sess_1",
    conversation_id: "conv_1",
    expires_at: 3600,
    settings,
    items: [item],
  });
  equal(server.record.lost.aborted, false);
});

Deno.test("DELETE /v1/sessions/{session} removes all of it and ends it where it runs", async () => {
  await using server = await open();
  const { promise: lost, resolve } = Promise.withResolvers<void>();
  server.record.lost.addEventListener("abort", () => resolve());

  const response = await server.ask("DELETE");
  await lost;

  equal(response.status, 200);
  deepEqual(await response.json(), {
    object: "chatai.session.deleted",
    id: "sess_1",
    deleted: true,
  });
  equal((await server.ask("GET")).status, 404);
  equal((await server.ask("DELETE")).status, 404);
});

for (const method of ["GET", "DELETE"]) {
  Deno.test(`${method} of another's session cannot be told from one of a session that never was`, async () => {
    await using server = await open();

    const others = await server.ask(method, "eve");
    const unknown = await server.ask(method, "ada", "sess_2");
    const endless = await server.ask(method, "ada", "x".repeat(5000));

    equal(others.status, 404);
    equal(unknown.status, 404);
    equal(endless.status, 404);
    const body = await others.text();
    equal(await unknown.text(), body);
    equal(JSON.parse(body).error.code, "session_not_found");
    equal((await server.ask("GET")).status, 200);
  });

  Deno.test(`${method} of a session that has expired is a 404`, async () => {
    let now = 0;
    await using server = await open(() => now);
    now = 3_600_000;

    equal((await server.ask(method)).status, 404);
  });
}
