import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import type { ClientEvent as WireClientEvent } from "@/realtime/client_events.ts";
import type { ServerEvent as WireServerEvent } from "@/realtime/server_events.ts";
import { type ClientEvent, parseServerEvent, type ServerEvent } from "@/web/events.ts";

Deno.test("the events of client and server fit together", () => {
  // Does not compile once the two sides describe an event differently.
  const heard = (event: Extract<WireServerEvent, { type: ServerEvent["type"] }>): ServerEvent =>
    event;
  const sent = (event: ClientEvent["type"]): WireClientEvent["type"] => event;

  deepEqual([heard.length, sent.length], [1, 1]);
});

Deno.test("a frame that is no event is none", () => {
  const frames = ["", "{", "null", "7", '"text"', "[]", "{}"];

  deepEqual(frames.map(parseServerEvent), frames.map(() => undefined));
});

Deno.test("an event of unknown type is still an event", () => {
  equal(parseServerEvent('{"type":"rate_limits.updated"}')?.type, "rate_limits.updated");
});
