import { z } from "zod";
import { failureOf } from "@/server/errors.ts";

/** What such an answer is, for the OpenAPI document. */
export const EventStream = z.string().meta({ title: "EventStream" })
  .describe("Server-sent events, each of whose data is an object of a `type`.");

/** An event as OpenAI's API sends it: its type says what else it holds. */
export interface StreamEvent {
  readonly type: string;
}

/** Whom server-sent events go to. */
export interface EventStreamOptions {
  /** Aborts when nobody listens any more. */
  readonly signal: AbortSignal;
}

/**
 * Answers with server-sent events, each as soon as it is there. What fails on the way is told in a last event, as
 * OpenAI's API does: `{"error": …}`.
 */
export function eventStreamResponse(
  events: ReadableStream<StreamEvent>,
  { signal }: EventStreamOptions,
): Response {
  const messages = ReadableStream.from(messagesOf(events, signal));
  return new Response(messages.pipeThrough(new TextEncoderStream()), {
    headers: { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-store" },
  });
}

async function* messagesOf(
  events: ReadableStream<StreamEvent>,
  signal: AbortSignal,
): AsyncGenerator<string> {
  try {
    for await (const event of events) yield toMessage(event);
  } catch (error) {
    if (!signal.aborted) yield toMessage({ error: failureOf(error).error });
  }
}

function toMessage(data: unknown): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}
