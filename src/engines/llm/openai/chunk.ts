import { z } from "zod";

const CallDelta = z.object({
  /** Left out by servers that send each call whole. */
  index: z.number().int().min(0).nullish(),
  id: z.string().nullish(),
  function: z.object({ name: z.string().nullish(), arguments: z.string().nullish() }).nullish(),
});

/**
 * One chunk of a streamed chat completion: what of it a reply is made of. Thoughts, which some servers send in
 * fields of their own, are not.
 */
export const Chunk = z.object({
  choices: z.array(z.object({
    delta: z.object({
      content: z.string().nullish(),
      refusal: z.string().nullish(),
      tool_calls: z.array(CallDelta).nullish(),
    }).nullish(),
    finish_reason: z.string().nullish(),
  })).nullish(),
  usage: z.object({
    prompt_tokens: z.number().int().min(0),
    completion_tokens: z.number().int().min(0),
    prompt_tokens_details: z.object({ cached_tokens: z.number().int().min(0).nullish() }).nullish(),
  }).nullish(),
});

/** {@inheritDoc Chunk} */
export type Chunk = z.infer<typeof Chunk>;

/** {@inheritDoc CallDelta} */
export type CallDelta = z.infer<typeof CallDelta>;
