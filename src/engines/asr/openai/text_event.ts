import { z } from "zod";

/** What a streamed transcription is made of. */
export type TextEvent =
  /** More of the text. */
  | { readonly kind: "more"; readonly text: string }
  /** All of it, in place of what came before. */
  | { readonly kind: "whole"; readonly text: string }
  /** What came before was all of it, unless more comes. */
  | { readonly kind: "end" };

/** OpenAI's own events: `transcript.text.delta` and `transcript.text.done`. Others are of no use here. */
const OpenAiEvent = z.object({
  type: z.string(),
  delta: z.string().default(""),
  text: z.string().optional(),
}).transform(({ type, delta, text }): TextEvent[] => {
  if (type === "transcript.text.done" && text !== undefined) return [{ kind: "whole", text }];
  return more(delta);
});

/** vLLM's `transcription.chunk`, made as a chat's: the last one of every 30 s of audio says why it is the last. */
const VllmChunk = z.object({
  choices: z.array(z.object({
    delta: z.object({ content: z.string().nullish() }).nullish(),
    finish_reason: z.string().nullish(),
  })),
}).transform(({ choices }): TextEvent[] =>
  choices.flatMap(({ delta, finish_reason }): TextEvent[] => [
    ...more(delta?.content ?? ""),
    ...(finish_reason ? [{ kind: "end" as const }] : []),
  ])
);

const Event = z.union([OpenAiEvent, VllmChunk]);

/**
 * Reads one event of a streamed transcription, of either form.
 *
 * @see https://github.com/vllm-project/vllm/issues/49116
 * @throws {z.ZodError} If it is of neither.
 */
export function readTextEvent(event: unknown): readonly TextEvent[] {
  return Event.parse(event);
}

function more(text: string): TextEvent[] {
  return text === "" ? [] : [{ kind: "more", text }];
}
