import type { Message, Prompt } from "@/engines/llm/engine.ts";

/**
 * Stands where a template wants the user to speak and they have not: before a greeting, or when the model is asked
 * to say more.
 */
const LISTENING: Message = { role: "user", text: "(The user is listening.)" };

/** Stands for an answer to a function's output of which nothing was heard. */
const UNHEARD: Message = { role: "assistant", text: "…" };

/** Tells what the application says in mid-conversation from what the user says. */
const SYSTEM_MARK = "[system]";

/**
 * Makes the user and the assistant take turns, from the user to the user: the chat templates of Gemma, Mistral and
 * Qwen refuse anything else, and then every later turn of that conversation too.
 *
 * - What one of them says several times in a row, as after an answer that nobody heard, is one message of several
 *   lines.
 * - System messages before anything else belong to the instructions. A later one becomes the user's, marked as none of
 *   theirs: where it stands matters, since it may be about what was said last, such as a long silence.
 * - Where the user has not spoken first, or last, a short message says that they listen. An output of a function is
 *   followed by the assistant's word; Mistral refuses the user's.
 * - Calls and their outputs stay as they are.
 *
 * OpenAI takes messages in any order, and tells one remark from the next where they are not joined: its own server is
 * told all as it was.
 */
export function takeTurns(prompt: Prompt): Prompt {
  const begin = prompt.messages.findIndex(({ role }) => role !== "system");
  const first = begin < 0 ? prompt.messages.length : begin;
  const turns: Message[] = [];
  for (const message of prompt.messages.slice(first).map(asTurn)) {
    const last = turns.at(-1);
    if (last === undefined && message.role !== "user") turns.push(LISTENING);
    if (last?.role === "output" && message.role === "user") turns.push(UNHEARD);
    const joined = last && join(last, message);
    if (joined === undefined) turns.push(message);
    else turns[turns.length - 1] = joined;
  }
  if (turns.length === 0 || turns.at(-1)!.role === "assistant") turns.push(LISTENING);
  const system = prompt.messages.slice(0, first).flatMap((message) =>
    "text" in message ? message.text : []
  );
  return {
    ...prompt,
    instructions: [prompt.instructions, ...system].filter((text) => text !== "").join("\n"),
    messages: turns,
  };
}

function asTurn(message: Message): Message {
  return message.role === "system"
    ? { role: "user", text: `${SYSTEM_MARK} ${message.text}` }
    : message;
}

/** Two texts of one speaker as one; nothing else is joined. */
function join(one: Message, other: Message): Message | undefined {
  if (!("text" in one && "text" in other) || one.role !== other.role) return undefined;
  return { role: one.role, text: `${one.text}\n${other.text}` };
}
