import { z } from "zod";
import type { ClientFacingError, ResponseHead, ResponseOutcome } from "@/conversation/client.ts";
import { Item } from "@/conversation/item.ts";
import type { TokenUsage } from "@/engines/llm/engine.ts";
import {
  AudioFormat,
  MaxOutputTokens,
  OutputModalities,
  Temperature,
} from "@/conversation/settings.ts";

const StatusDetails = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("cancelled"),
    reason: z.enum(["turn_detected", "client_cancelled"]),
  }),
  z.object({
    type: z.literal("incomplete"),
    reason: z.enum(["max_output_tokens", "content_filter"]),
  }),
  z.object({
    type: z.literal("failed"),
    error: z.object({ type: z.string(), code: z.string(), message: z.string() }),
  }),
]);

const Count = z.number().int().min(0);

const Usage = z.object({
  total_tokens: Count,
  input_tokens: Count,
  output_tokens: Count,
  input_token_details: z.object({ text_tokens: Count, audio_tokens: Count, cached_tokens: Count }),
  output_token_details: z.object({ text_tokens: Count, audio_tokens: Count }),
});

/** A response as the wire shows it, when it begins and when it is done. */
export const ResponseObject = z.object({
  id: z.string(),
  object: z.literal("realtime.response"),
  status: z.enum(["in_progress", "completed", "cancelled", "incomplete", "failed"]),
  status_details: StatusDetails.nullable().describe("`null` while in progress and when completed."),
  output: z.array(Item).describe("Always there: older clients push into it."),
  conversation_id: z.string().nullable().describe("`null` when out of band."),
  output_modalities: OutputModalities,
  max_output_tokens: MaxOutputTokens,
  temperature: Temperature.optional().describe("Where the client asked for one."),
  metadata: z.record(z.string(), z.string()).nullable(),
  audio: z.object({ output: z.object({ format: AudioFormat, voice: z.string() }) }),
  usage: Usage.nullable().describe("`null` while in progress, and where no engine counted."),
});

/** {@inheritDoc ResponseObject} */
export type ResponseObject = z.infer<typeof ResponseObject>;

/** Writes a response that begins. */
export function toOpenResponse(head: ResponseHead): ResponseObject {
  return {
    id: head.id,
    object: "realtime.response",
    status: "in_progress",
    status_details: null,
    output: [],
    conversation_id: head.conversationId,
    output_modalities: head.modality === "audio" ? ["audio"] : ["text"],
    max_output_tokens: head.maxOutputTokens,
    ...(head.temperature !== undefined && { temperature: head.temperature }),
    metadata: head.metadata && { ...head.metadata },
    audio: { output: { format: head.format, voice: head.voice } },
    usage: null,
  };
}

/** What a finished response holds. */
export interface ResponseEnding {
  /** How it ended. */
  readonly outcome: ResponseOutcome;
  /** Its items, in order. */
  readonly output: readonly Item[];
  /** Tokens, where an engine counted them. */
  readonly usage: TokenUsage | undefined;
}

/** Writes a response that is done. */
export function toDoneResponse(
  head: ResponseHead,
  { outcome, output, usage }: ResponseEnding,
): ResponseObject {
  return {
    ...toOpenResponse(head),
    status: outcome.status,
    status_details: toStatusDetails(outcome),
    output: [...output],
    usage: usage ? toUsage(usage) : null,
  };
}

function toStatusDetails(outcome: ResponseOutcome): ResponseObject["status_details"] {
  switch (outcome.status) {
    case "completed":
      return null;
    case "cancelled":
      return { type: "cancelled", reason: outcome.reason };
    case "incomplete":
      return { type: "incomplete", reason: outcome.reason };
    case "failed":
      return { type: "failed", error: toErrorDetails(outcome.error) };
  }
}

/** Copies only the fields that a client may see. */
function toErrorDetails({ type, code, message }: ClientFacingError): ClientFacingError {
  return { type, code, message };
}

/** The model reads and writes text alone: what was heard and spoken costs it no tokens of audio. */
function toUsage(usage: TokenUsage): z.infer<typeof Usage> {
  return {
    total_tokens: usage.inputTokens + usage.outputTokens,
    input_tokens: usage.inputTokens,
    output_tokens: usage.outputTokens,
    input_token_details: {
      text_tokens: usage.inputTokens,
      audio_tokens: 0,
      cached_tokens: usage.cachedTokens,
    },
    output_token_details: {
      text_tokens: usage.outputTokens,
      audio_tokens: 0,
    },
  };
}
