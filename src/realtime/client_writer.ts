import type { Client, SessionView, TurnMetrics } from "@/conversation/client.ts";
import type { Item } from "@/conversation/item.ts";
import type { Dialect } from "@/realtime/dialect.ts";
import { createEmit, encodeEvent } from "@/realtime/encode.ts";
import type { Outbound } from "@/realtime/outbound.ts";
import { createResponseWriter } from "@/realtime/response_writer.ts";
import { withAudio } from "@/realtime/retrieved_item.ts";
import type { ServerEventOf } from "@/realtime/server_events.ts";
import { toSessionObject } from "@/realtime/session_object.ts";

/** How a client wants to be spoken to: its dialect, and what it asked for in the query of its URL. */
export interface WireOptions {
  readonly dialect: Dialect;
  /** `?audio=binary`: audio goes as binary frames, both ways. */
  readonly binaryAudio: boolean;
  /** `?partials=1`: transcripts of unfinished utterances. */
  readonly partials: boolean;
  /** `?metrics=1`: how long each turn took. */
  readonly metrics: boolean;
}

/** Writes what the conversation tells its client as events of the protocol. */
export function createClientWriter(outbound: Outbound, wire: WireOptions): Client {
  const emit = createEmit(outbound, wire.dialect);
  let transcriptionOn = false;

  function view(session: SessionView) {
    transcriptionOn = session.settings.audio.input.transcription !== null;
    return toSessionObject(session);
  }

  /** The frames of a history, which may be longer than all that may wait for a client. */
  function* framesOf(items: readonly Item[]): Generator<string> {
    let previousItemId: string | null = null;
    for (const item of items) {
      for (const event of wholeItem(item, previousItemId)) {
        const frame = encodeEvent(event, wire.dialect);
        if (frame !== undefined) yield frame;
      }
      previousItemId = item.id;
    }
  }

  function partialTranscript(itemId: string, text: string): void {
    emit({
      type: "chatai.input_audio_transcription.partial",
      item_id: itemId,
      content_index: 0,
      transcript: text,
    });
  }

  return {
    sessionCreated(session, resumed) {
      emit({
        type: "session.created",
        session: view(session),
        ...(resumed && { "chatai.resumed": true as const }),
      });
      emit({
        type: "conversation.created",
        conversation: { id: session.conversationId, object: "realtime.conversation" },
      });
      if (resumed !== undefined) outbound.sendAll(framesOf(resumed));
    },

    sessionUpdated: (session) => emit({ type: "session.updated", session: view(session) }),

    speechStarted: (itemId, audioStartMs) =>
      emit({
        type: "input_audio_buffer.speech_started",
        item_id: itemId,
        audio_start_ms: Math.round(audioStartMs),
      }),

    speechStopped: (itemId, audioEndMs) =>
      emit({
        type: "input_audio_buffer.speech_stopped",
        item_id: itemId,
        audio_end_ms: Math.round(audioEndMs),
      }),

    committed: (itemId, previousItemId) =>
      emit({
        type: "input_audio_buffer.committed",
        item_id: itemId,
        previous_item_id: previousItemId,
      }),

    cleared: () => emit({ type: "input_audio_buffer.cleared" }),

    timeoutTriggered: (itemId, audioStartMs, audioEndMs) =>
      emit({
        type: "input_audio_buffer.timeout_triggered",
        item_id: itemId,
        audio_start_ms: Math.round(audioStartMs),
        audio_end_ms: Math.round(audioEndMs),
      }),

    itemAdded(item, previousItemId) {
      for (const event of wholeItem(item, previousItemId)) emit(event);
    },

    itemRetrieved: (item, audio) =>
      emit({ type: "conversation.item.retrieved", item: withAudio(item, audio) }),

    itemDeleted: (itemId) => emit({ type: "conversation.item.deleted", item_id: itemId }),

    itemTruncated: (itemId, contentIndex, audioEndMs) =>
      emit({
        type: "conversation.item.truncated",
        item_id: itemId,
        content_index: contentIndex,
        audio_end_ms: audioEndMs,
      }),

    ...(wire.partials && { partialTranscript }),

    transcribed(itemId, transcript, seconds) {
      if (!transcriptionOn) return;
      if (transcript !== "") {
        emit({
          type: "conversation.item.input_audio_transcription.delta",
          item_id: itemId,
          content_index: 0,
          delta: transcript,
        });
      }
      emit({
        type: "conversation.item.input_audio_transcription.completed",
        item_id: itemId,
        content_index: 0,
        transcript,
        usage: { type: "duration", seconds: Math.round(seconds * 1000) / 1000 },
      });
    },

    transcriptionFailed(itemId, { type, code, message }) {
      if (!transcriptionOn) return;
      emit({
        type: "conversation.item.input_audio_transcription.failed",
        item_id: itemId,
        content_index: 0,
        error: { type, code, message },
      });
    },

    openResponse: (head) =>
      createResponseWriter(head, { emit, outbound, binaryAudio: wire.binaryAudio }),

    rateLimits: (limits) =>
      emit({
        type: "rate_limits.updated",
        rate_limits: limits.map(({ name, limit, remaining, resetSeconds }) => ({
          name,
          limit,
          remaining,
          reset_seconds: resetSeconds,
        })),
      }),

    refused: ({ type, code, message }) =>
      emit({ type: "error", error: { type, code, message, param: null, event_id: null } }),

    turnMetrics(metrics) {
      if (wire.metrics) emit(toMetricsEvent(metrics));
    },
  };
}

function wholeItem(item: Item, previousItemId: string | null) {
  return [
    { type: "conversation.item.added", previous_item_id: previousItemId, item },
    { type: "conversation.item.done", previous_item_id: previousItemId, item },
  ] as const;
}

function toMetricsEvent(metrics: TurnMetrics): ServerEventOf<"chatai.turn.metrics"> {
  const stages = {
    endpoint: metrics.endpoint,
    transcript: metrics.transcript,
    first_token: metrics.firstToken,
    first_audio: metrics.firstAudio,
    voice_to_voice: metrics.voiceToVoice,
  };
  const known = Object.entries(stages).flatMap(([name, ms]) =>
    ms === undefined ? [] : [[name, roundToTenths(ms)]]
  );
  return {
    type: "chatai.turn.metrics",
    response_id: metrics.responseId,
    ...Object.fromEntries(known),
  };
}

function roundToTenths(ms: number): number {
  return Math.round(ms * 10) / 10;
}
