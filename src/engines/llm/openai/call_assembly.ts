import type { ToolCall } from "@/engines/llm/engine.ts";
import type { CallDelta } from "@/engines/llm/openai/chunk.ts";

interface Draft {
  readonly index: number | undefined;
  readonly id: string;
  name: string;
  arguments: string;
}

/** Puts calls together whose names and arguments come in pieces. */
export interface CallAssembly {
  add(delta: CallDelta): void;
  /** Those that are whole, and the names of those that are not: whose arguments are no JSON object. */
  finish(): { readonly calls: readonly ToolCall[]; readonly broken: readonly string[] };
}

/**
 * Starts with no call. The index tells calls apart as OpenAI has it; where a server gives several the same one, or
 * none, a new id begins a new call.
 */
export function createCallAssembly(): CallAssembly {
  const drafts: Draft[] = [];

  function draftOf({ index, id }: CallDelta): Draft {
    const last = drafts.findLast((draft) => index == null || draft.index === index);
    if (last !== undefined && (!id || id === last.id)) return last;
    const draft: Draft = {
      index: index ?? undefined,
      id: id || `call_${crypto.randomUUID().replaceAll("-", "")}`,
      name: "",
      arguments: "",
    };
    drafts.push(draft);
    return draft;
  }

  return {
    add(delta) {
      const draft = draftOf(delta);
      draft.name ||= delta.function?.name ?? "";
      draft.arguments += delta.function?.arguments ?? "";
    },
    finish() {
      const calls: ToolCall[] = [];
      const broken: string[] = [];
      for (const { id, name, arguments: written } of drafts) {
        const args = written.trim() === "" ? "{}" : written;
        if (name !== "" && isObject(args)) {
          calls.push({ kind: "toolCall", callId: id, name, arguments: args });
        } else {
          broken.push(name);
        }
      }
      return { calls, broken };
    },
  };
}

function isObject(json: string): boolean {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
