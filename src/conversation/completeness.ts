import { CHINESE_CONDITION, CHINESE_ENDINGS } from "@/conversation/chinese_endings.ts";
import { ENGLISH_CONDITION, ENGLISH_ENDINGS } from "@/conversation/english_endings.ts";

/** Whether somebody who has said this and is silent now has said all that they wanted to. */
export type Completeness = "finished" | "unsure" | "unfinished";

/**
 * What an ending tells, by a pattern over the words: lower case, single spaces, no marks but a `?` at the end.
 * The first pattern that fits decides; `"marked"` leaves it to the mark at the end.
 */
export type EndingRule = readonly [pattern: RegExp, verdict: Completeness | "marked"];

/**
 * Judges by its words and marks whether a text is a whole sentence. Words go first: recognisers put a full stop,
 * or an ellipsis, behind whatever they hear, so a mark after "I would like to" means nothing. In languages other
 * than English and Chinese the marks alone count.
 */
export function completenessOf(text: string): Completeness {
  const bare = text.trim().replace(/["'”’»」』）)\]]+$/u, "");
  if (/[,;:\-–—，、；：]$/u.test(bare)) return "unfinished";

  const asked = /[?？][!！]?$/u.test(bare);
  const words = bare.toLowerCase().replaceAll("’", "'").replaceAll(/[^\p{L}\p{M}\p{N}']+/gu, " ");
  const spoken = words.trim() + (asked ? "?" : "");
  if (words.trim() === "") return "unsure";

  const endings = /\p{sc=Han}\??$/u.test(spoken) ? CHINESE_ENDINGS : ENGLISH_ENDINGS;
  const verdict = endings.find(([pattern]) => pattern.test(spoken))?.[1] ?? "marked";
  if (verdict !== "marked") return verdict;
  if (isOpenList(bare) || isOpenCondition(bare) || /(?:\.\.|…|。。)$/u.test(bare)) return "unsure";
  return /[.!?。！？]$/u.test(bare) ? "finished" : "unsure";
}

/** Three things or more, the last one short and without an "and" before it: there may be another. */
function isOpenList(text: string): boolean {
  const items = text.toLowerCase().replace(/[\p{P}\s]+$/u, "").split(/[,、，]\s*/u);
  const last = items.at(-1) ?? "";
  return items.length >= 3 && !/^(?:and|or|please|thanks?)\b|和|或/u.test(last) &&
    last.split(/\s+/u).length <= 2 && last.length <= 20 && new Set(items).size > 1;
}

function isOpenCondition(text: string): boolean {
  return ENGLISH_CONDITION.test(text.toLowerCase()) || CHINESE_CONDITION.test(text);
}
