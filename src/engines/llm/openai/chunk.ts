import { z } from "zod";

const CallDelta = z.object({
  /** Left out by servers that send each call whole. */
  index: z.number().int().min(0).nullish(),
  id: z.string().nullish(),
  function: z.object({ name: z.string().nullish(), arguments: z.string().nullish() }).nullish(),
});

/** How many tokens; absent where a server says anything else. */
const Count = z.number().int().min(0).optional().catch(undefined);

/** Nobody talks to us for the sake of its tokens: what cannot be read of their count spoils no reply. */
const Usage = z.object({
  prompt_tokens: Count,
  completion_tokens: Count,
  prompt_tokens_details: z.object({ cached_tokens: Count }).optional().catch(undefined),
}).optional().catch(undefined);

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
  usage: Usage,
});

/** {@inheritDoc Chunk} */
export type Chunk = z.infer<typeof Chunk>;

/** {@inheritDoc CallDelta} */
export type CallDelta = z.infer<typeof CallDelta>;
