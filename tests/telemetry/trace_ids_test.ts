import { deepStrictEqual as deepEqual } from "node:assert/strict";
import type { LogRecord } from "@logtape/logtape";
import { nameTrace, withTraceIds } from "@/telemetry/trace_ids.ts";

function propertiesOf(properties: Record<string, unknown>): Record<string, unknown> {
  let seen: LogRecord | undefined;
  const sink = withTraceIds((record) => void (seen = record));
  sink({ properties } as LogRecord);
  return seen!.properties;
}

Deno.test("a line about a response or an item says to which trace it belongs, and others are left as they are", () => {
  nameTrace("item_1", "aaaa");
  nameTrace("resp_1", "bbbb");

  deepEqual(propertiesOf({ itemId: "item_1" }), { itemId: "item_1", traceId: "aaaa" });
  deepEqual(propertiesOf({ itemId: "item_1", responseId: "resp_1" }).traceId, "bbbb");
  deepEqual(propertiesOf({ itemId: "item_2" }), { itemId: "item_2" });
  deepEqual(propertiesOf({}), {});
});

Deno.test("the traces of the last 2,000 items and responses are remembered", () => {
  for (let i = 0; i <= 2000; i++) nameTrace(`item_${i}`, `${i}`);

  deepEqual(propertiesOf({ itemId: "item_0" }).traceId, undefined);
  deepEqual(propertiesOf({ itemId: "item_1" }).traceId, "1");
});
