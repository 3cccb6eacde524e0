import { newId } from "@/conversation/ids.ts";
import { toBetaEvent } from "@/realtime/beta/server_events.ts";
import type { Dialect } from "@/realtime/dialect.ts";
import type { Outbound } from "@/realtime/outbound.ts";
import type { ServerEvent } from "@/realtime/server_events.ts";

/** Writes an event as a text frame, with an id of its own; `undefined` if the dialect has no such event. */
export function encodeEvent(event: ServerEvent, dialect: Dialect): string | undefined {
  const spoken = dialect === "beta" ? toBetaEvent(event) : event;
  if (spoken === undefined) return undefined;
  const { type, ...fields } = spoken;
  return JSON.stringify({ type, event_id: newId("event"), ...fields });
}

/** Takes events in the order in which the client shall see them. `audioOf`: the response whose speech it is. */
export type EmitEvent = (event: ServerEvent, audioOf?: string) => void;

/** Encodes events in the connection's dialect and puts them into the session's outbound queue. */
export function createEmit(outbound: Pick<Outbound, "send">, dialect: Dialect): EmitEvent {
  return (event, audioOf) => {
    const frame = encodeEvent(event, dialect);
    if (frame !== undefined) outbound.send(frame, audioOf);
  };
}
