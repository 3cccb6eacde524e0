import type { ServerEvent } from "@/realtime/server_events.ts";

/** What the events of the beta dialect that have another name are called in GA: section 7 of the protocol. */
const GA_NAMES: Readonly<Record<string, string>> = {
  "conversation.item.created": "conversation.item.added",
  "response.text.delta": "response.output_text.delta",
  "response.text.done": "response.output_text.done",
  "response.audio.delta": "response.output_audio.delta",
  "response.audio.done": "response.output_audio.done",
  "response.audio_transcript.delta": "response.output_audio_transcript.delta",
  "response.audio_transcript.done": "response.output_audio_transcript.done",
};

/** Reads an event of the beta dialect, so that what holds for GA can be asked of it. */
// deno-lint-ignore no-explicit-any -- an event of any type, which has been held against its schema
export function readBetaEvent({ type, response, ...fields }: any): ServerEvent {
  return {
    type: GA_NAMES[type] ?? type,
    ...fields,
    ...(response !== undefined && {
      response: {
        ...response,
        output_modalities: response.modalities.includes("audio") ? ["audio"] : ["text"],
      },
    }),
  };
}
