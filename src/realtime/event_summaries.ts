import type { ClientEventType } from "@/realtime/client_events.ts";
import type { ServerEventType } from "@/realtime/server_events.ts";

/** What each client event asks for. For the OpenAPI document and the reference. */
export const CLIENT_EVENT_SUMMARIES: Readonly<Record<ClientEventType, string>> = {
  "session.update":
    "Changes settings: what is absent stays, `null` clears. Answered by `session.updated`.",
  "input_audio_buffer.append": "Adds microphone audio. Not answered.",
  "input_audio_buffer.commit":
    "Makes the buffered audio the user's turn, at once where the server detects turns. Starts no response.",
  "input_audio_buffer.clear": "Drops the buffered audio.",
  "conversation.item.create": "Adds an item to the conversation. Starts no response.",
  "conversation.item.retrieve": "Asks for an item, with its audio where the server still has it.",
  "conversation.item.delete": "Takes an item out of the conversation and the model's context.",
  "conversation.item.truncate":
    "Says how much of a spoken answer was played: its text is cut to what was heard.",
  "response.create": "Asks for a response; what it does not say is as the session has it.",
  "response.cancel": "Ends the running response.",
  "output_audio_buffer.clear": "Of WebRTC; ignored.",
};

/** What each server event says. For the OpenAPI document and the reference. */
export const SERVER_EVENT_SUMMARIES: Readonly<Record<ServerEventType, string>> = {
  "session.created": "The connection is open; the settings, always complete.",
  "session.updated": "The settings after a `session.update`, always complete.",
  "conversation.created": "Follows `session.created`.",
  "conversation.item.added": "An item joined the conversation; it may still grow.",
  "conversation.item.done": "The item is as it stays.",
  "conversation.item.retrieved": "Answers `conversation.item.retrieve`.",
  "conversation.item.deleted": "Answers `conversation.item.delete`.",
  "conversation.item.truncated":
    "Answers `conversation.item.truncate`: a spoken answer was cut to what was heard.",
  "conversation.item.input_audio_transcription.delta": "More of what the user said.",
  "conversation.item.input_audio_transcription.completed": "All of what the user said.",
  "conversation.item.input_audio_transcription.failed":
    "What the user said could not be recognised.",
  "input_audio_buffer.committed": "The buffered audio became the user's item.",
  "input_audio_buffer.cleared": "Answers `input_audio_buffer.clear`.",
  "input_audio_buffer.speech_started":
    "The user began to speak: a client that plays an answer falls silent now.",
  "input_audio_buffer.speech_stopped": "The user's turn is over.",
  "input_audio_buffer.timeout_triggered":
    "The user said nothing since the last response was played, for as long as `idle_timeout_ms`.",
  "response.created": "A response begins.",
  "response.done": "It is over; no further event of it follows.",
  "response.output_item.added": "The response has a new item.",
  "response.output_item.done": "That item is as it stays.",
  "response.content_part.added": "The item has a new part.",
  "response.content_part.done": "That part is as it stays.",
  "response.output_text.delta": "More text.",
  "response.output_text.done": "All the text.",
  "response.output_audio.delta": "More audio.",
  "response.output_audio.done": "There is no more audio.",
  "response.output_audio_transcript.delta": "More of what the audio says.",
  "response.output_audio_transcript.done": "All that the audio says.",
  "response.function_call_arguments.delta": "More of a function call's arguments.",
  "response.function_call_arguments.done":
    "All of them. The client calls, and answers with an item.",
  "rate_limits.updated": "How many turns may still be asked for, where they are limited.",
  "error": "Something could not be done. The session lives on, unless it has expired.",
  "chatai.input_audio_transcription.partial":
    "What an unfinished utterance seems to say; each replaces the one before. Only with `?partials=1`.",
  "chatai.turn.metrics":
    "How long a turn took, in ms from the arrival of its last speech sample (text turns: of `response.create`); what does not apply is absent. Follows `response.done`, and only with `?metrics=1`.",
};
