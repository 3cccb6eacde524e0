import type { ReplyPart } from "@/engines/llm/engine.ts";

const OPEN = "<think>";
const CLOSE = "</think>";

/**
 * Leaves out what a model thinks before it speaks, where its server hands that on within the reply: one block
 * `<think>…</think>` at the very beginning, with the white space around it. Thoughts must be neither heard nor
 * remembered. A block that does not end is all there is: nothing is said.
 *
 * Only a beginning that may still become the tag is held back. Later tags are what the model says.
 */
export async function* withoutThoughts(parts: AsyncIterable<ReplyPart>): AsyncGenerator<ReplyPart> {
  let at: "beginning" | "thought" | "end of thought" | "reply" = "beginning";
  let held = "";

  /** What may be said of all that is held and a further piece. */
  function take(piece: string): string {
    held += piece;
    if (at === "beginning") {
      const start = held.trimStart();
      if (start.length < OPEN.length && OPEN.startsWith(start)) return "";
      at = start.startsWith(OPEN) ? "thought" : "reply";
    }
    if (at === "thought") {
      const end = held.indexOf(CLOSE);
      if (end < 0) {
        held = held.slice(1 - CLOSE.length); // as much as may be a part of the tag
        return "";
      }
      held = held.slice(end + CLOSE.length);
      at = "end of thought";
    }
    if (at === "end of thought") {
      held = held.trimStart();
      if (held === "") return "";
      at = "reply";
    }
    const text = held;
    held = "";
    return text;
  }

  /** What was held back, and has not become a thought. */
  function rest(): string {
    const text = at === "beginning" ? held : "";
    held = "";
    return text;
  }

  for await (const part of parts) {
    const text = part.kind === "text" ? take(part.text) : rest();
    if (text !== "") yield { kind: "text", text };
    if (part.kind !== "text") yield part;
  }
}
