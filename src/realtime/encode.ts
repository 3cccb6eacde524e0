import { newId } from "@/conversation/ids.ts";
import type { Outbound } from "@/realtime/outbound.ts";
import type { ServerEvent } from "@/realtime/server_events.ts";

/** Writes an event as a text frame of the GA dialect, with an id of its own. */
export function encodeEvent(event: ServerEvent): string {
  const { type, ...fields } = event;
  return JSON.stringify({ type, event_id: newId("event"), ...fields });
}

/** Takes events in the order in which the client shall see them. `audioOf`: the response whose speech it is. */
export type EmitEvent = (event: ServerEvent, audioOf?: string) => void;

/** Encodes events and puts them into the session's outbound queue. */
export function createEmit(outbound: Pick<Outbound, "send">): EmitEvent {
  return (event, audioOf) => outbound.send(encodeEvent(event), audioOf);
}
