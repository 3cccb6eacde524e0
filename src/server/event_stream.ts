import { z } from "zod";
import { generatorStage } from "@/pipeline/generator_stage.ts";
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
  const messages = events.pipeThrough(
    generatorStage(async function* (source: ReadableStream<StreamEvent>) {
      try {
        for await (const event of source) yield toMessage(event);
      } catch (error) {
        if (!signal.aborted) yield toMessage({ error: failureOf(error).error });
      }
    }, { highWaterMark: 0 }),
  );
  return new Response(messages.pipeThrough(new TextEncoderStream()), {
    headers: { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-store" },
  });
}

function toMessage(data: unknown): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}
