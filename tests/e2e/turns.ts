import type { WireEvent } from "./event_log.ts";
import type { VoiceClient } from "./voice_client.ts";

/** An answer, from its beginning to its end. */
export interface Turn {
  readonly responseId: string;
  /** `response.done`. */
  readonly done: WireEvent;
  /** What the assistant said or wrote. */
  readonly reply: string;
}

/** Matches the events of one type. */
export function ofType(type: string): (event: WireEvent) => boolean {
  return (event) => event.type === type;
}

/** All events of one type so far. */
export function eventsOf(client: VoiceClient, type: string): WireEvent[] {
  return client.received.map(({ event }) => event).filter(ofType(type));
}

/** Sends a message in writing. Nothing answers it yet. */
export function write(client: VoiceClient, text: string): void {
  client.send({
    type: "conversation.item.create",
    item: { type: "message", role: "user", content: [{ type: "input_text", text }] },
  });
}

/** Sends a message in writing and waits for the whole answer to it. */
export async function ask(client: VoiceClient, text: string): Promise<Turn> {
  const from = client.received.length;
  write(client, text);
  client.send({ type: "response.create" });
  return await answer(client, from);
}

/** Waits for the answer that begins behind the first `from` events. */
export async function answer(client: VoiceClient, from = 0): Promise<Turn> {
  const { response: { id } } = await client.next(ofType("response.created"), from);
  const done = await client.next(
    ({ type, response }) => type === "response.done" && response.id === id,
    from,
  );
  const reply = (done.response.output as WireEvent[])
    .flatMap(({ content = [] }) => content)
    .map(({ transcript, text }: WireEvent) => transcript ?? text)
    .join("");
  return { responseId: id, done, reply };
}

/** Waits for the transcript of a turn: the first from the `from`th event on, or that of an item. */
export async function transcript(
  client: VoiceClient,
  { from = 0, itemId }: { readonly from?: number; readonly itemId?: string } = {},
): Promise<string> {
  const completed = await client.next(
    ({ type, item_id }) =>
      type === "conversation.item.input_audio_transcription.completed" &&
      (itemId === undefined || item_id === itemId),
    from,
  );
  return completed.transcript;
}

/** What the server remembers of an item. */
export async function retrieve(client: VoiceClient, itemId: string): Promise<string> {
  const from = client.received.length;
  client.send({ type: "conversation.item.retrieve", item_id: itemId });
  const { item } = await client.next(ofType("conversation.item.retrieved"), from);
  return item.content[0].transcript ?? item.content[0].text;
}
