import { createCircuit, disposeCircuits } from "@/engines/failover/circuit.ts";
import { failOver, type FailoverOptions } from "@/engines/failover/fail_over.ts";
import type { LanguageModel, Prompt } from "@/engines/llm/engine.ts";

/** Until a model's first token, in ms. One on a slow machine reads a long prompt for as long. */
const FIRST_TOKEN_MS = 15_000;

/** What a model is asked to see whether it works. */
const PROBE: Prompt = {
  instructions: "",
  messages: [{ role: "user", text: "Hello" }],
  tools: [],
  toolChoice: "none",
  maxOutputTokens: 1,
};

/**
 * Makes one language model of several, which replies with the first that can. Once a model has said something it
 * alone can finish: if it breaks off, so does the reply.
 */
export function failOverModels(
  models: readonly LanguageModel[],
  { deadlineMs = FIRST_TOKEN_MS, ...circuit }: FailoverOptions = {},
): LanguageModel {
  const circuits = models.map((model) =>
    createCircuit(
      model,
      (asked, signal) => Array.fromAsync(asked.reply(PROBE, { signal })),
      circuit,
    )
  );
  return {
    name: models.map(({ name }) => name).join(","),
    reply: (prompt, options) =>
      failOver(circuits, {
        ...options,
        ask: (model, signal) => model.reply(prompt, { ...options, signal }),
        binds: () => true,
        deadlineMs,
      }),
    [Symbol.asyncDispose]: () => disposeCircuits(circuits),
  };
}
