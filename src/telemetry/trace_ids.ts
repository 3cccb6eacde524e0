import type { Sink } from "@logtape/logtape";

/** Items and responses whose trace is remembered; the oldest makes room. Lines about a turn may come after its end. */
const MAX_NAMES = 2000;

/** Trace of each item and response. */
const traces = new Map<string, string>();

/** From now on lines about this item or response say to which trace they belong. */
export function nameTrace(id: string, traceId: string): void {
  traces.delete(id); // so that it counts as the newest
  traces.set(id, traceId);
  if (traces.size > MAX_NAMES) traces.delete(traces.keys().next().value!);
}

/** Adds `traceId` to lines about an item or a response that has one, so that logs lead to traces and back. */
export function withTraceIds(sink: Sink): Sink {
  return (record) => {
    const { responseId, itemId } = record.properties;
    const traceId = traces.get(String(responseId)) ?? traces.get(String(itemId));
    sink(
      traceId === undefined ? record : { ...record, properties: { ...record.properties, traceId } },
    );
  };
}
