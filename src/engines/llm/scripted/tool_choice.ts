import { plainWords } from "@/engines/llm/scripted/words.ts";
import { saidBy } from "@/engines/llm/scripted/memory.ts";
import type { Prompt, Tool } from "@/engines/llm/engine.ts";

/** Words of a function's name that say nothing about its subject. */
const GENERIC =
  /^(get|set|do|make|call|to|of|the|a|an|my|for|find|fetch|new|and|is|in|on|by|tool|function|api|data|info|user)$/;

/**
 * The function to call, if any: the one that was asked for by name; if one must be called, the likeliest; if the
 * choice is free, the likeliest whose name shares a word with what the user just said.
 */
export function chooseTool({ messages, tools, toolChoice }: Prompt): Tool | undefined {
  if (toolChoice === "none") return undefined;
  if (typeof toolChoice === "object") return tools.find(({ name }) => name === toolChoice.name);
  if (toolChoice === "auto" && messages.at(-1)?.role !== "user") return undefined;
  const said = new Set(plainWords(saidBy("user", messages).at(-1) ?? "").split(" ").map(singular));
  const scored = tools.map((tool) => ({
    tool,
    score: subjectWords(tool).filter((word) => said.has(word)).length,
  }));
  const best = scored.reduce<typeof scored[number] | undefined>(
    (a, b) => a && a.score >= b.score ? a : b,
    undefined,
  );
  return best && (best.score > 0 || toolChoice === "required") ? best.tool : undefined;
}

function subjectWords({ name }: Tool): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "" && !GENERIC.test(word))
    .map(singular);
}

function singular(word: string): string {
  return word.length > 3 ? word.replace(/s$/, "") : word;
}
