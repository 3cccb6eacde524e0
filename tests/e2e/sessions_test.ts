import { strictEqual as equal } from "node:assert/strict";
import { startServer } from "./server.ts";
import { connect } from "./voice_client.ts";

Deno.test("a session is read over HTTP while it runs, and ends when it is deleted", async () => {
  await using server = await startServer();
  await using client = await connect({ url: server.realtime(), session: null });
  const { session } = await client.next(({ type }) => type === "session.created");
  client.send({
    type: "conversation.item.create",
    item: {
      id: "item_mine",
      type: "message",
      role: "user",
      content: [{ type: "input_text", text: "hello" }],
    },
  });
  client.send({ type: "conversation.item.retrieve", item_id: "item_mine" }); // answered once it is stored
  await client.next(({ type }) => type === "conversation.item.retrieved");
  const url = `${server.url}/v1/sessions/${session.id}`;

  const read = await (await fetch(url)).json();
  const deleted = await (await fetch(url, { method: "DELETE" })).json();
  const { code, reason } = await client.closed;
  const after = await fetch(url);

  equal(read.items[0].id, "item_mine");
  equal(deleted.deleted, true);
  equal(code, 1000);
  equal(reason, "The session was deleted");
  equal(after.status, 404);
  await after.body?.cancel();
});
