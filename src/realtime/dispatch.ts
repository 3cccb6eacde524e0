import { getLogger } from "@logtape/logtape";
import type { Session } from "@/conversation/session.ts";
import { InvalidRequest } from "@/errors.ts";
import type { ClientEvent } from "@/realtime/client_events.ts";
import type { Dialect } from "@/realtime/dialect.ts";
import type { EmitEvent } from "@/realtime/encode.ts";
import { toErrorEvent } from "@/realtime/error_event.ts";
import { decodeBase64 } from "@/realtime/base64.ts";
import { toItem, toItemAudio } from "@/realtime/item_input.ts";
import { eventIdOf, readEvent, readMessage } from "@/realtime/read_event.ts";
import { toOverrides } from "@/realtime/response_input.ts";
import { applySessionUpdate } from "@/realtime/session_update.ts";

const logger = getLogger(["chatai", "realtime"]);

/** A frame as it came: text, or the bytes of a binary one. */
export type InboundFrame = string | Uint8Array<ArrayBuffer>;

/** Whom {@linkcode dispatchFrame} serves. */
export interface DispatchOptions {
  /** Does what the frames ask for. */
  readonly session: Session;
  /** Takes the errors. */
  readonly emit: EmitEvent;
  /** In which the frames are written. */
  readonly dialect: Dialect;
  /** Whether binary frames are microphone audio; an error otherwise. */
  readonly binaryAudio: boolean;
}

/**
 * Does what one frame asks for. Await it before the next frame. It never rejects: whatever goes wrong is told to
 * the client as one `error` with the id of its event, and the session lives on.
 */
export async function dispatchFrame(
  frame: InboundFrame,
  { session, emit, dialect, binaryAudio }: DispatchOptions,
): Promise<void> {
  let eventId: string | null = null;
  try {
    if (typeof frame !== "string") {
      if (!binaryAudio) {
        throw new InvalidRequest("Binary frames are audio only with '?audio=binary'.", {
          code: "invalid_event",
        });
      }
      return session.append(frame);
    }
    const message = readMessage(frame);
    eventId = eventIdOf(message);
    await perform(readEvent(message, dialect), session);
  } catch (error) {
    if (session.signal.aborted) return;
    if (!(error instanceof InvalidRequest)) {
      logger.error("Cannot handle an event: {error}", { error });
    }
    emit(toErrorEvent(error, eventId));
  }
}

function perform(event: ClientEvent, session: Session): Promise<void> | void {
  switch (event.type) {
    case "session.update":
      return session.update(applySessionUpdate(session.view().settings, event.session));
    case "input_audio_buffer.append":
      return session.append(decodeBase64(event.audio, "audio"));
    case "input_audio_buffer.commit":
      return session.commit();
    case "input_audio_buffer.clear":
      return session.clear();
    case "conversation.item.create":
      return session.createItem(
        toItem(event.item, "item"),
        event.previous_item_id,
        toItemAudio(event.item, "item"),
      );
    case "conversation.item.retrieve":
      return session.retrieveItem(event.item_id);
    case "conversation.item.delete":
      return session.deleteItem(event.item_id);
    case "conversation.item.truncate":
      return session.truncateItem(event.item_id, event.content_index, event.audio_end_ms);
    case "response.create":
      return session.createResponse(toOverrides(event.response ?? {}));
    case "response.cancel":
      return session.cancelResponse(event.response_id ?? undefined);
    case "output_audio_buffer.clear":
      return;
  }
}
