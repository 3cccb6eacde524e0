import { ELIZA, REFLECTIONS } from "@/engines/llm/scripted/script.ts";

/** Says back what no skill understood. `draw` picks one of the replies that fit. */
export function reflect(words: string, draw: (replies: readonly string[]) => string): string {
  for (const { heard, replies } of ELIZA) {
    const caught = heard.exec(words);
    if (caught) return draw(replies).replace("{1}", () => turnRound(caught[1] ?? ""));
  }
  return "";
}

/** "i lost my keys" → "you lost your keys". */
function turnRound(words: string): string {
  return words.split(" ").map((word) => REFLECTIONS[word] ?? word).join(" ");
}
