import { doSum } from "@/engines/llm/scripted/arithmetic.ts";
import { tellTime } from "@/engines/llm/scripted/clock.ts";
import { countAloud } from "@/engines/llm/scripted/counting.ts";
import { reflect } from "@/engines/llm/scripted/eliza.ts";
import { readName, rememberName, repeat, saidBy } from "@/engines/llm/scripted/memory.ts";
import { reportOutputs } from "@/engines/llm/scripted/report_outputs.ts";
import { SCRIPT, STORIES } from "@/engines/llm/scripted/script.ts";
import { plainWords } from "@/engines/llm/scripted/words.ts";
import type { Message } from "@/engines/llm/engine.ts";

/** What the brain knows besides the conversation. */
export interface BrainOptions {
  /** Unix time in ms. */
  readonly now: number;
  /** IANA zone of whoever asks. */
  readonly timeZone: string;
}

const ASKS_STORY = /\b(story|tale)\b/;
const ASKS_NAME = /\b(what is|what was|whats|know|remember|say|tell me) my name\b|\bwho am i\b/;
const ASKS_IDENTITY =
  /\b(who|what) (exactly )?are you\b|\bare you (a |an |really |actually )*(robot|bot|human|person|ai|a i|real|computer|machine|program|script|chat ?gpt|gpt|alive|language model)\b|\bwhat is your name\b|\b(which|what) (language )?model\b|\bhow do you work\b|\btell me about yourself\b|\bintroduce yourself\b/;
const ASKS_HELP =
  /\b(what|which things) (else )?can you do\b|^help( me)?( please)?$|\bwhat do you (do|know)$|\bwhat can i (ask|say)\b/;
const GREETS =
  /^(hi|hello|hey|hiya|howdy|greetings|welcome|good (morning|afternoon|evening|day))( there| again| you| everyone| everybody| my friend| [a-z]+)?$/;
const ASKS_HOW = /\bhow (are you|is it going|do you do|have you been)\b/;
const THANKS = /\b(thanks|thank you|thank u|cheers)\b/;
const LEAVES = /\b(good ?bye|bye|see you|farewell|good night|talk to you later)\b/;
const STOPS =
  /^((please|okay|ok|no) )?(stop|be quiet|silence|shut up|never mind|enough|wait|hold on|cancel)( it| that| please| now| talking| counting)*$/;

/**
 * Thinks of what to say: the first skill that knows an answer gives it. The same conversation, hour and place
 * always get the same answer.
 */
export function think(messages: readonly Message[], { now, timeZone }: BrainOptions): string {
  const outputs = reportOutputs(messages);
  if (outputs !== undefined) return outputs;
  if (messages.findLast(({ role }) => role !== "system")?.role === "assistant") {
    return SCRIPT.stillThere; // nobody has said anything since
  }
  const said = saidBy("user", messages);
  const text = said.at(-1) ?? "";
  const words = plainWords(text);
  const list = words.split(" ");
  const name = rememberName(said);
  const draw = <T>(choices: readonly T[]): T => choices[hash(said.join("\n")) % choices.length]!;
  const fill = (line: string) => line.replace("{name}", () => name ? `, ${name}` : "");

  if (words === "") return fill(SCRIPT.greeting);
  if (STOPS.test(words)) return SCRIPT.stopped;
  const repeated = repeat({
    text,
    before: said.at(-2),
    answer: saidBy("assistant", messages).at(-1),
  });
  const answer = ASKS_NAME.test(words)
    ? (name ? SCRIPT.yourName.replace("{who}", () => name) : SCRIPT.noName)
    : repeated ?? countAloud(list) ?? doSum(list) ?? tellTime(words, { now, timeZone });
  if (answer !== undefined) return answer;

  if (ASKS_STORY.test(words)) {
    const told = said.slice(0, -1).filter((earlier) => ASKS_STORY.test(plainWords(earlier))).length;
    return STORIES[told % STORIES.length]!;
  }
  if (readName(text) && name) return SCRIPT.niceToMeet.replace("{who}", () => name);
  if (ASKS_IDENTITY.test(words)) return SCRIPT.identity;
  if (ASKS_HELP.test(words)) return SCRIPT.help;
  if (LEAVES.test(words)) return fill(SCRIPT.goodbye);
  if (ASKS_HOW.test(words)) return SCRIPT.howAreYou;
  if (THANKS.test(words)) return fill(SCRIPT.thanks);
  if (GREETS.test(words)) return fill(SCRIPT.greeting);
  return reflect(words, draw);
}

/** FNV-1a, 32 bits: spreads conversations evenly over the replies. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    value = Math.imul(value ^ text.charCodeAt(i), 0x01000193) >>> 0;
  }
  return value;
}
