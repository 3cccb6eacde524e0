import { deepStrictEqual as deepEqual, ok, strictEqual as equal } from "node:assert/strict";
import { nextCut } from "@/pipeline/next_cut.ts";

/** A reply cut into its sentences. A bar in the table below stands for a cut. */
function cut(text: string): string[] {
  const sentences: string[] = [];
  let pending = "";
  for (const unit of text.split("")) {
    pending += unit;
    const length = nextCut(pending, sentences.length === 0);
    if (length === undefined) continue;
    sentences.push(pending.slice(0, length));
    pending = pending.slice(length);
  }
  return [...sentences, pending];
}

const TABLE: Readonly<Record<string, readonly string[]>> = {
  "sentences end where the next one begins": [
    "Hello there. |How are you? |I am fine! |Good.",
    "Is that all?! |It is so... |Maybe it is.",
  ],
  "the first sentence ends with its first clause that is long enough": [
    "Well, that is a good question, |and I know the answer, as you see.",
    "Yes, sure, of course, |I will.",
    "In other words: |it works, and well.",
    "It was late at night — |nobody came, nobody called.",
    "Once upon a time - |long, long ago.",
    "The time is 10:30 and it costs 1,000 crowns; |so be it; really.",
  ],
  "one long word is no clause": ["Congratulations, you did it."],
  "abbreviations, initials and numbers end no sentence": [
    "I saw Dr. Smith and Mrs. Jones at 3.50 p.m. on Monday. |They left.",
    "Ask J. K. Rowling about it. |She knows.",
    "See No. 5 and Fig. 3 and p. 12 for it. |Then go.",
    "It happened on Jan. 5 in St. Louis. |So they say.",
    "Take a fruit, |e.g. Apples, which are fine.",
  ],
  'but "No." is an answer': ["Is it so? |No. It is not so. |Then what?"],
  "what almost nothing is said in joins the next": [
    "1. Wash the dishes.\n|2. Dry them well.\n|3. Be done.",
    "I like them all. |Yes. No. Both of them. |Really!",
  ],
  "except where it begins the reply": ["Sure! |I can do that.", "Hi. |I am here."],
  "addresses and file names are whole": [
    "Go to www.example.org/find?q=1&r=2 or ask.me. |Then write main.ts again.",
  ],
  "quotation marks and emphasis close a sentence": [
    'He said "Go away." |Then he left.',
    "(It was late.) |So we went home.",
    "**Note this.** |*It is important!* |Bye now.",
  ],
  "lines are sentences, and blank lines belong to the one before": [
    "Here it is:\n\n|First of all\n|second of all\n\n\n|third of all.",
  ],
  "white space at the beginning stays there": ["\n  Hello there. |Good bye."],
  "languages without spaces": [
    "你好！|我是语音助手。|今天天气很好，我们去散步吧？|“好的。”|他说……好的，不错。|一共3.5元。",
    "今天天气很好，|我们去散步吧？|好，走吧。",
    "こんにちは、|元気ですか？|はい、元気です。",
  ],
  "other languages": [
    "Das ist z. B. Herr Dr. Müller aus Köln. |Er wohnt dort.",
    "¿Qué tal estás? |¡Muy bien! |Gracias por todo.",
    "Здравствуйте, друзья! |Как дела сегодня?",
    "नमस्ते दोस्तों। |आप कैसे हैं?",
  ],
  "emoji begin the next sentence": ["That is great! |😀 Let us go. |👍🏽 Done now."],
};

for (const [name, texts] of Object.entries(TABLE)) {
  Deno.test(`cutting sentences: ${name}`, () => {
    for (const text of texts) {
      const sentences = text.split("|");

      const found = cut(sentences.join(""));

      deepEqual(found, sentences);
    }
  });
}

Deno.test("a sentence is complete when the first character of the next is there, and not before", () => {
  const cuts = ["Hello there.", "Hello there. ", "Hello there. I"].map((text) =>
    nextCut(text, true)
  );

  deepEqual(cuts, [undefined, undefined, "Hello there. ".length]);
});

Deno.test("half a character completes nothing", () => {
  const emoji = "Hello there. 😀";

  equal(nextCut(emoji.slice(0, -1), true), undefined);
  equal(nextCut(emoji, true), "Hello there. ".length);
});

Deno.test("a sentence of ideographs without end is cut as early as one that takes as long to say", () => {
  const clauses = "我们先去北京看长城，".repeat(30);
  const neither = "我们先去北京看长城".repeat(30);

  const found = [clauses, neither].map((text) => cut(text));

  ok(found.flat().every((sentence) => sentence.length <= 81));
  ok(found[0]!.every((sentence) => sentence.endsWith("，")));
  deepEqual(found[1]!.slice(0, -1).map(({ length }) => length), [80, 80, 80]);
});

Deno.test("a sentence without end is cut at a clause, else between words, else anywhere", () => {
  const clauses = "and on it goes, ".repeat(40);
  const words = "word ".repeat(100);
  const neither = "a" + "😀".repeat(300);

  const found = [clauses, words, neither].map((text) => cut(text));

  ok(found.flat().every((sentence) => sentence.length <= 241));
  ok(found[0]!.slice(0, -1).every((sentence) => sentence.endsWith("goes, ")));
  ok(found[1]!.slice(0, -1).every((sentence) => sentence.endsWith("word ")));
  ok(found[2]!.every((sentence) => sentence.isWellFormed()));
});
