import { deepStrictEqual as deepEqual } from "node:assert/strict";
import { spokenWords } from "@/engines/asr/spoken_words.ts";

/** Texts as they came, and what was said. */
const TABLE: Readonly<Record<string, readonly (readonly [came: string, said: string])[]>> = {
  "notes of sounds are no words": [
    ["[BLANK_AUDIO]", ""],
    [" [ Silence ]\n", ""],
    ["(wind blowing)", ""],
    ["(Applause from the left.) [MUSIC]", ""],
    ["*music*", ""],
    ["* DING *", ""],
    ["♪", ""],
    ["♪♪", ""],
    ["♪ la la la ♪", ""],
    ["（笑）", ""],
    ["【音楽】", ""],
    ["[音乐]", ""],
    ["[BLANK_AUDIO].", ""],
  ],
  "marks alone are no words": [["...", ""], [" - ", ""], ["", ""]],
  "words beside a note stay as they are": [
    ["Hello (and welcome) to you.", "Hello (and welcome) to you."],
    ["(laughing) That is funny.", "(laughing) That is funny."],
    ["It is *really* good.", "It is *really* good."],
    ["2 * 3 * 4", "2 * 3 * 4"],
    ["♪ Happy birthday", "♪ Happy birthday"],
    ["I want [inaudible] please.", "I want [inaudible] please."],
    ["Give me list[0] and list[i]", "Give me list[0] and list[i]"],
  ],
  "numbers in parentheses are words": [["(555)", "(555)"]],
  "notes in square brackets before and behind the words go": [
    ["[MUSIC] Hello there. [BLANK_AUDIO]", "Hello there."],
    ["[Music] [Applause] 你好。\n[音乐]", "你好。"],
  ],
  "segments are one line": [
    [" Hello there.\n How are you?\n", "Hello there. How are you?"],
    ["一二三\n四五六\n hello\n", "一二三四五六 hello"],
    ["two  words", "two words"],
  ],
};

for (const [name, rows] of Object.entries(TABLE)) {
  Deno.test(`what was said: ${name}`, () => {
    const came = rows.map(([text]) => text);

    const said = came.map(spokenWords);

    deepEqual(said, rows.map(([, said]) => said));
  });
}
