import { deepStrictEqual as deepEqual, rejects, strictEqual as equal } from "node:assert/strict";
import type { Item } from "@/conversation/item.ts";
import type { Session } from "@/conversation/session.ts";
import { openTalk } from "./talk.ts";
import { writtenItem } from "./written_item.ts";

/** An item of so many bytes as JSON. */
function itemOf(id: string, bytes: number): Item {
  return writtenItem(id, "x".repeat(bytes - JSON.stringify(writtenItem(id, "")).length));
}

/** Fills a conversation up to some 50 bytes: twelve items are all but 608 bytes of 8 MiB. */
async function fill(session: Session): Promise<void> {
  for (let i = 0; i < 12; i++) await session.createItem(itemOf(`item_${i}`, 699_000), undefined);
  await session.createItem(itemOf("rest", 560), undefined);
}

Deno.test("an item for which a conversation has no room is refused and changes nothing; the session lives on", async () => {
  await using talk = await openTalk();
  const { client, session } = talk;
  await fill(session);

  const asked = session.createItem(itemOf("more", 200), undefined);

  await rejects(asked, { code: "conversation_full", param: "item" });
  equal(client.of("itemAdded").length, 13);
  session.retrieveItem("rest");
  equal(session.signal.aborted, false);
});

Deno.test("what is said in a full conversation is written down and not answered, which is told, until items are deleted", async () => {
  await using talk = await openTalk();
  const { client, session } = talk;
  await fill(session);

  await talk.say("one");
  await talk.silence(3000);
  const refused = client.of("refused").map(([{ code }]) => code);
  await rejects(session.createResponse({}), { code: "conversation_full" });
  const answered = client.of("openResponse").length;
  await session.deleteItem("item_3");
  await session.createResponse({});

  deepEqual(client.of("transcribed").map(([, text]) => text), ["one"]);
  deepEqual([refused, answered], [["conversation_full"], 0]);
  equal(client.of("openResponse").length, 1);
});

Deno.test("a full conversation is stored as it is, and goes on as a full one", async () => {
  const kv = await Deno.openKv(":memory:");
  const first = await openTalk({ kv });
  await fill(first.session);
  await first.say("one");
  await first.silence(3000);
  const { id } = first.session.view();
  await first.session[Symbol.asyncDispose]();

  const second = await openTalk({ kv, time: first.time, resume: id });

  equal(second.client.of("sessionCreated")[0]![1]?.length, 14);
  await rejects(second.session.createResponse({}), { code: "conversation_full" });
  await second[Symbol.asyncDispose]();
  await first[Symbol.asyncDispose]();
  kv.close();
});
