import { SCRIPT } from "@/engines/llm/scripted/script.ts";
import type { Message } from "@/engines/llm/engine.ts";
import { capitalise, plainWords, titleCase } from "@/engines/llm/scripted/words.ts";

/** All that one side has said, oldest first. */
export function saidBy(role: "user" | "assistant", messages: readonly Message[]): string[] {
  return messages.flatMap((message) => message.role === role ? [message.text] : []);
}

const INTRODUCTIONS: readonly RegExp[] = [
  /\bmy (?:name is|name's|name(?:'s)? called)\s+([^.,!?;]+)/i,
  /\b(?:please |just |can |you can )*call me\s+([^.,!?;]+)/i,
  /\b(?:I am|I'm) called\s+([^.,!?;]+)/i,
  /^(?:[Hh](?:i|ello|ey)[,.! ]+)?I(?:'m| am) (\p{Lu}\p{Ll}+)[.!]?$/u,
];

/** Words that end a name, or show that there was none. */
const NOT_A_NAME =
  /^(and|but|what|who|so|not|a|an|the|please|by|now|later|back|maybe|when|if|crazy|again|is|it|for|in|at|on|to|too|from|nice|can|could|tell|how|do|you|as|or|because|i)$/i;

const LONGEST_NAME = 3;

/** The name that a message gives: "Hi, my name is anna lee and I …" → "Anna Lee". */
export function readName(text: string): string | undefined {
  for (const introduction of INTRODUCTIONS) {
    const words = introduction.exec(text.replace(/[’‘]/g, "'"))?.[1]?.trim().split(/\s+/) ?? [];
    const end = words.findIndex((word) => NOT_A_NAME.test(word));
    const name = words.slice(0, end < 0 ? LONGEST_NAME : Math.min(end, LONGEST_NAME)).join(" ");
    if (name) return titleCase(name);
  }
  return undefined;
}

/** The name the user gave last. */
export function rememberName(userTexts: readonly string[]): string | undefined {
  return userTexts.map(readName).findLast((name) => name !== undefined);
}

/** What was said before, as far as it may have to be repeated. */
export interface Said {
  /** The last message of the user, as it was said. */
  readonly text: string;
  /** The user's message before it. */
  readonly before: string | undefined;
  /** The assistant's last message. */
  readonly answer: string | undefined;
}

const REPEAT_AFTER =
  /^(?:\W*(?:please|now|okay|can you|could you|would you|will you)\b)*\W*(?:repeat after me|say|repeat)\b[\s,:;.]*(?:the words?\b\s*)?(?:after me\b[\s,:]*)?(.+)$/is;
const LAST_ANSWER = /^(that|it|this|yourself)?( again| once more| please)*$/;

/** Repeats what was said, the user's or its own, if that is asked for. */
export function repeat({ text, before, answer }: Said): string | undefined {
  const words = plainWords(text);
  if (/\bwhat (did|have) i( just)? (say|said|tell)/.test(words)) {
    return before === undefined
      ? SCRIPT.saidNothing
      : SCRIPT.youSaid.replace("{text}", () => finished(before));
  }
  const asked = REPEAT_AFTER.exec(text)?.[1]?.trim() ?? "";
  const refersBack = asked !== "" && LAST_ANSWER.test(plainWords(asked));
  if (
    refersBack ||
    /^(repeat|pardon|what did you( just)? say|come again)( me)?( please)?$/.test(words)
  ) {
    return answer ?? SCRIPT.nothingToRepeat;
  }
  if (plainWords(asked) === "" || /^(something|anything)\b/i.test(asked)) return undefined;
  const sentence = capitalise(asked.replace(/^["“'‘]+|["”'’]+([.!?]?)$/g, "$1"));
  return finished(sentence);
}

function finished(sentence: string): string {
  return /[.!?…]$/.test(sentence) ? sentence : `${sentence}.`;
}
