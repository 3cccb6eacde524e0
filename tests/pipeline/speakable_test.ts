import { ok, strictEqual as equal } from "node:assert/strict";
import { speakable } from "@/pipeline/speakable.ts";
import { createDraw } from "../fakes/draw.ts";

type Table = readonly (readonly [written: string, said: string])[];

const PLAIN = [
  "I am fine. It's twenty-one, isn't it?",
  "Okay. One, two, three, thirty-nine, forty.",
  "What? No... yes! (Perhaps not.)",
  'He said: "wait", and left.',
  "J. K. Rowling wrote 7 books, about 3.14 a year.",
  "May I? I may. March on!",
];

const MARKUP: Table = [
  ["**Bold**, *it*, __b__, _i_, ~~gone~~ and `code`", "Bold, it, b, i, gone and code"],
  ["# Heading\n\n- apples\n* pears\n\nDone.", "Heading. apples. pears. Done."],
  ["1. First\n2. Second", "1, First. 2, Second"],
  ["See [the docs](https://docs.example.com/a/b?c=1).", "See the docs."],
  ["![a cat](cat.png) sleeps", "a cat sleeps"],
  ["| city | time |\n|---|:---:|\n| Paris | noon |", "city, time. Paris, noon"],
  ["> quoted\n> twice", "quoted twice"],
  ["A line<br>and <b>more</b> &amp; more", "A line and more and more"],
  ["```js\nlet x\n```", "let x"],
  ["😀 Hi 👍🏽 there 👨‍👩‍👧 🇫🇷!", "Hi there!"],
  ["one\n\n---\n\ntwo", "one. two"],
];

const ENGLISH: Table = [
  ["It costs $3.50.", "It costs 3 dollars and 50 cents."],
  [
    "$1, $0.05, €1,200, £2.01, $5 million, $1.5M",
    "1 dollar, 5 cents, 1,200 euros, 2 pounds and 1 penny, 5 million dollars, 1.5 million dollars",
  ],
  ["5 % & more", "5 percent and more"],
  ["4:05 PM, 9:30am, 16:00, 12 p.m.", "4 oh 5 P M, 9 30 A M, 16 o'clock, 12 P M."],
  [
    "on 2026-11-22, 11/22/2026 or Nov 3",
    "on November 22nd, 2026, November 22nd, 2026 or November 3rd",
  ],
  ["10-20 people, 3–5 km", "10 to 20 people, 3 to 5 kilometers"],
  ["call 555-1234", "call 555 1234"],
  ["-5°C", "minus 5 degrees Celsius"],
  [
    "1 kg, 2.5 kg, 80 km/h, 16 kHz",
    "1 kilogram, 2.5 kilograms, 80 kilometers per hour, 16 kilohertz",
  ],
  [
    "Dr. Smith of Main St. met St. James, e.g. here, etc.",
    "Doctor Smith of Main Street met Saint James, for example here, et cetera.",
  ],
  ["No. 5, p. 7, #3", "number 5, page 7, number 3"],
  ["NASA, IBM, the USA, two APIs", "NASA, I B M, the U S A, two A P I's"],
  ["the U.S. and the U.K.", "the U S and the U K."],
  ["https://www.example.com/a/b?c#d, please", "example dot com, please"],
  ["Mail bob.smith@example.org!", "Mail bob dot smith at example dot org!"],
  ["Set OPENAI_BASE_URL", "Set Open A I BASE U R L"],
  ["a = b + c, 2 * 3, 4 < 5", "a equals b plus c, 2 times 3, 4 is less than 5"],
  ["C++ and C#, and/or F#", "C plus plus and C sharp, and or F sharp"],
  ["He said — well – no", "He said, well, no"],
  ["main.ts at 127.0.0.1, v1.2", "main dot ts at 127 dot 0 dot 0 dot 1, version 1 point 2"],
];

Deno.test("speakable leaves plain text as it is", () => {
  for (const text of PLAIN) equal(speakable(text), text);
});

Deno.test("speakable takes markup and emoji away and makes sentences of lists", () => {
  for (const [written, said] of MARKUP) equal(speakable(written), said);
});

Deno.test("speakable writes amounts, dates, times, units, symbols and abbreviations out in English", () => {
  for (const [written, said] of ENGLISH) equal(speakable(written), said);
});

Deno.test("speakable has nothing more to do on what it made", () => {
  for (const [, said] of [...MARKUP, ...ENGLISH]) equal(speakable(said), said);
});

Deno.test("speakable only cleans what is not English", () => {
  equal(
    speakable("**Das** kostet 5 % & mehr: https://a.de/x 😀", { language: "de-DE" }),
    "Das kostet 5 % & mehr: a.de",
  );
  equal(speakable("你好，**世界**！", { language: "zh" }), "你好，世界！");
});

Deno.test("speakable gives nothing for a text without anything to say", () => {
  for (const text of ["", " \n ", "***", "---", "🙂", "?!", "…", "```", "|---|---|"]) {
    equal(speakable(text), "", text);
  }
});

Deno.test("speakable leaves no markup and no double spaces, whatever the characters", () => {
  const draw = createDraw();
  const pieces = [
    ..."abc XYZ 123 .,:;!?-–—*_`#|~[]()<>/\\@&%$€+='\"\n😀°",
    "http://a.b/c ",
    "**",
    "Dr. ",
    "3:30 ",
    "$5 ",
  ];

  for (let round = 0; round < 2000; round++) {
    const text = Array.from({ length: 30 }, () => draw.pick(pieces))
      .join("");
    const said = speakable(text);
    ok(
      !/[*`#|~<>{}\\]|\s\s|😀/u.test(said),
      `seed ${draw.seed}: ${JSON.stringify(text)} → ${said}`,
    );
    ok(
      said === "" || /[\p{L}\p{N}]/u.test(said),
      `seed ${draw.seed}: ${JSON.stringify(text)} → ${said}`,
    );
  }
});

Deno.test("speakable takes long text in no long time", () => {
  const hard = [
    "*".repeat(1000),
    "a_".repeat(1000),
    "[".repeat(1000),
    "<a ".repeat(1000),
    "1-".repeat(1000),
    "A.".repeat(1000),
    "|".repeat(1000),
    "- ".repeat(1000),
    "a.".repeat(1000),
    "9,".repeat(1000),
    "```".repeat(1000),
    " ".repeat(2000) + "x",
  ];

  for (const text of hard) {
    const start = performance.now();
    speakable(text);
    ok(performance.now() - start < 1000, `${text.slice(0, 6)}…: ${performance.now() - start} ms`);
  }
});
