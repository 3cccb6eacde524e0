import type { ToolCall } from "@/engines/llm/engine.ts";
import type { CallDelta } from "@/engines/llm/openai/chunk.ts";

interface Draft {
  readonly index: number | undefined;
  /** As the server has it; "" until it says. */
  id: string;
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
 * Starts with no call. The index tells calls apart as OpenAI has it. Where a server gives several the same one, or
 * none, a new id begins a new call, and so does a new name, or the same once more behind arguments that were whole.
 */
export function createCallAssembly(): CallAssembly {
  const drafts: Draft[] = [];

  function draftOf(delta: CallDelta): Draft {
    const { index } = delta;
    const last = drafts.findLast((draft) => index == null || draft.index === index);
    if (last !== undefined && !beginsAnother(delta, last)) return last;
    const draft: Draft = { index: index ?? undefined, id: "", name: "", arguments: "" };
    drafts.push(draft);
    return draft;
  }

  return {
    add(delta) {
      const draft = draftOf(delta);
      draft.id ||= delta.id ?? "";
      draft.name ||= delta.function?.name ?? "";
      draft.arguments += delta.function?.arguments ?? "";
    },
    finish() {
      const calls: ToolCall[] = [];
      const broken: string[] = [];
      const ids = new Set<string>();
      for (const { id, name, arguments: written } of drafts) {
        const args = written.trim() === "" ? "{}" : written;
        if (name !== "" && isObject(args)) {
          const callId = id === "" || ids.has(id) ? newId() : id;
          ids.add(callId);
          calls.push({ kind: "toolCall", callId, name, arguments: args });
        } else {
          broken.push(name);
        }
      }
      return { calls, broken };
    },
  };
}

/** Whether a piece cannot be of the call that the last one before it was of. */
function beginsAnother({ id, function: piece }: CallDelta, last: Draft): boolean {
  const bothTold = Boolean(id && last.id);
  if (bothTold && id !== last.id) return true;
  if (!piece?.name || !last.name) return false;
  if (piece.name !== last.name) return true;
  return !bothTold && Boolean(piece.arguments?.trim()) && isObject(last.arguments);
}

function newId(): string {
  return `call_${crypto.randomUUID().replaceAll("-", "")}`;
}

function isObject(json: string): boolean {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
