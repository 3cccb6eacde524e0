import { encodeSamples } from "@/audio/codec.ts";
import type { ResponseHead, ResponseOutput } from "@/conversation/client.ts";
import type { FunctionCallItem, Item, ItemStatus } from "@/conversation/item.ts";
import { encodingOf } from "@/conversation/audio_format.ts";
import type { EmitEvent } from "@/realtime/encode.ts";
import type { Outbound } from "@/realtime/outbound.ts";
import { toDoneResponse, toOpenResponse } from "@/realtime/response_object.ts";

/** How a response reaches its client. */
export interface ResponseWriterOptions {
  /** Takes its events. */
  readonly emit: EmitEvent;
  /** Takes its binary frames, and knows the wire's backpressure. */
  readonly outbound: Outbound;
  /** Speech goes as binary frames of bare bytes, in place of `response.output_audio.delta`. */
  readonly binaryAudio: boolean;
}

/** An assistant's message whose end is not yet written. */
interface OpenMessage {
  readonly id: string;
  readonly outputIndex: number;
  readonly previousItemId: string | null;
  /** All its deltas, joined. */
  text: string;
}

/**
 * Writes the events of one response in the order of the protocol (its section 5). It owns what is open: a
 * message opens with its one content part, whatever was opened is closed, and nothing follows `response.done`.
 * Text or speech outside a message is dropped: it comes from a stage that has not yet seen the response end.
 */
export function createResponseWriter(
  head: ResponseHead,
  { emit, outbound, binaryAudio }: ResponseWriterOptions,
): ResponseOutput {
  const encoding = encodingOf(head.format);
  const speaks = head.modality === "audio";
  const outOfBand = head.conversationId === null;
  const output: Item[] = [];
  let outputIndex = 0;
  let open: OpenMessage | undefined;
  let ended = false;

  function addItem(item: Item, index: number, previousItemId: string | null): void {
    emit({
      type: "response.output_item.added",
      response_id: head.id,
      output_index: index,
      item,
    });
    if (outOfBand) return;
    emit({ type: "conversation.item.added", previous_item_id: previousItemId, item });
  }

  function finishItem(item: Item, index: number, previousItemId: string | null): void {
    if (!outOfBand) {
      emit({ type: "conversation.item.done", previous_item_id: previousItemId, item });
    }
    emit({ type: "response.output_item.done", response_id: head.id, output_index: index, item });
    output.push(item);
  }

  function partOf({ id, outputIndex }: OpenMessage) {
    return { response_id: head.id, item_id: id, output_index: outputIndex, content_index: 0 };
  }

  function part(text: string) {
    return speaks ? { type: "audio" as const, transcript: text } : { type: "text" as const, text };
  }

  function closeMessage(status: ItemStatus): void {
    if (open === undefined) return;
    const { id, text, previousItemId, outputIndex: index } = open;
    const where = partOf(open);
    open = undefined;
    if (speaks) {
      emit({ type: "response.output_audio.done", ...where });
      emit({ type: "response.output_audio_transcript.done", ...where, transcript: text });
    } else {
      emit({ type: "response.output_text.done", ...where, text });
    }
    emit({ type: "response.content_part.done", ...where, part: part(text) });
    const content = speaks
      ? { type: "output_audio" as const, transcript: text }
      : { type: "output_text" as const, text };
    finishItem(assistantMessage(id, status, [content]), index, previousItemId);
  }

  emit({ type: "response.created", response: toOpenResponse(head) });

  return {
    message(itemId, previousItemId) {
      if (ended) return;
      closeMessage("completed");
      open = { id: itemId, outputIndex: outputIndex++, previousItemId, text: "" };
      addItem(assistantMessage(itemId, "in_progress", []), open.outputIndex, previousItemId);
      emit({ type: "response.content_part.added", ...partOf(open), part: part("") });
    },

    text(delta) {
      if (open === undefined || delta === "") return;
      open.text += delta;
      const type = speaks ? "response.output_audio_transcript.delta" : "response.output_text.delta";
      emit({ type, ...partOf(open), delta });
    },

    audio(samples) {
      if (open === undefined || !speaks || samples.length === 0) return;
      const bytes = encodeSamples(samples, encoding);
      if (binaryAudio && !outOfBand) return outbound.send(bytes, head.id);
      emit(
        { type: "response.output_audio.delta", ...partOf(open), delta: bytes.toBase64() },
        head.id,
      );
    },

    room: () => ended ? Promise.resolve() : outbound.room(),

    call(item, previousItemId) {
      if (ended) return;
      closeMessage("completed");
      const index = outputIndex++;
      const where = {
        response_id: head.id,
        item_id: item.id,
        output_index: index,
        call_id: item.call_id,
      };
      addItem(inProgress(item), index, previousItemId);
      if (item.arguments !== "") {
        emit({ type: "response.function_call_arguments.delta", ...where, delta: item.arguments });
      }
      emit({
        type: "response.function_call_arguments.done",
        ...where,
        name: item.name,
        arguments: item.arguments,
      });
      finishItem({ ...item, status: "completed" }, index, previousItemId);
    },

    end(outcome, usage) {
      if (ended) return;
      if (outcome.status === "cancelled") outbound.dropAudio(head.id);
      closeMessage(outcome.status === "completed" ? "completed" : "incomplete");
      ended = true;
      emit({ type: "response.done", response: toDoneResponse(head, { outcome, output, usage }) });
    },
  };
}

function assistantMessage(
  id: string,
  status: ItemStatus,
  content: Extract<Item, { role: "assistant" }>["content"],
): Item {
  return { id, object: "realtime.item", type: "message", role: "assistant", status, content };
}

function inProgress(item: FunctionCallItem): FunctionCallItem {
  return { ...item, status: "in_progress", arguments: "" };
}
