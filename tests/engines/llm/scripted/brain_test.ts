import { match, ok, strictEqual as equal } from "node:assert/strict";
import type { Message } from "@/engines/llm/engine.ts";
import { think } from "@/engines/llm/scripted/brain.ts";
import { writeNumber } from "@/engines/llm/scripted/numbers.ts";
import { createDraw } from "../../../fakes/draw.ts";

const NOW = Date.UTC(2026, 10, 22, 14, 5);

/** The last answer of a conversation in which the user says these things. */
function answer(...said: string[]): string {
  const messages: Message[] = [];
  let text = "";
  for (const remark of said) {
    messages.push({ role: "user", text: remark });
    text = think(messages, { now: NOW, timeZone: "America/New_York" });
    messages.push({ role: "assistant", text });
  }
  return text;
}

Deno.test("the brain greets, also when nobody has said anything", () => {
  equal(think([], { now: NOW, timeZone: "UTC" }), "Hello! How can I help you?");
  for (const greeting of ["Hello!", "hi there", "Good morning.", "hey"]) {
    match(answer(greeting), /^Hello!/, greeting);
  }
});

Deno.test("the brain asks whether somebody is there when nobody has said anything since it spoke", () => {
  const said: Message[] = [
    { role: "user", text: "Hello." },
    { role: "assistant", text: "Hello! How can I help you?" },
  ];
  const options = { now: NOW, timeZone: "UTC" };

  equal(think(said, options), "Are you still there?");
  equal(think([...said, { role: "system", text: "Silence." }], options), "Are you still there?");
  match(think([...said, { role: "user", text: "Thanks." }], options), /welcome/);
});

Deno.test("the brain remembers the name that was told last", () => {
  const draw = createDraw();
  const names = ["Anna", "Bob", "Chidi", "Dolores", "Émile", "Fatima"];
  const [first, second] = [draw.pick(names), draw.pick(["Grace", "Hugo", "Ines"])];

  const introductions = [
    (name: string) => `My name is ${name}.`,
    (name: string) => `hello my name is ${name.toLowerCase()} and i like trains`,
    (name: string) => `call me ${name}`,
    (name: string) => `Hi, I'm ${name}.`,
    (name: string) => `My name’s ${name}, what can you do?`,
  ];
  for (const introduce of introductions) {
    const seen = `seed ${draw.seed}: ${introduce(first)}`;
    equal(answer(introduce(first), "what is my name"), `Your name is ${first}.`, seen);
    equal(
      answer(introduce(second), introduce(first), "hello", "Who am I?"),
      `Your name is ${first}.`,
      seen,
    );
  }
  equal(answer("call me back later", "What's my name?"), "You have not told me your name yet.");
  match(answer(`my name is ${first}`, "thanks"), new RegExp(`, ${first}\\.$`));
});

Deno.test("the brain counts from any number to any other, in sentences of ten numbers", () => {
  const draw = createDraw();
  for (let round = 0; round < 50; round++) {
    const [from, to] = [draw.int(0, 300), draw.int(0, 300)];
    const spoken = draw.pick([String, writeNumber]);
    const numbers = Array.from(
      { length: Math.abs(to - from) + 1 },
      (_, i) => from + Math.sign(to - from) * i,
    );

    const text = answer(`Count out loud from ${spoken(from)} to ${spoken(to)}.`);

    const seen = `seed ${draw.seed}: from ${from} to ${to}: ${text}`;
    const counted = text.replace(/^Okay\. /, "").toLowerCase().split(/[,.] ?/).filter(Boolean);
    equal(counted.join(), numbers.map(writeNumber).join(), seen);
    for (const sentence of text.split(". ")) ok(sentence.split(", ").length <= 10, seen);
  }
});

Deno.test("the brain counts however it is asked", () => {
  const draw = createDraw();
  const to = draw.int(2, 60);
  const word = writeNumber(to);
  for (
    const question of [
      `Count out loud to ${word}.`,
      `count to ${to}`,
      `can you count up to ${to} please`,
      `count too ${to}`,
      `count two ${word}`,
      `Please count aloud until ${word}`,
      `I want you to count from 1 to ${to}`,
      `count from one through ${to}`,
    ]
  ) {
    const text = answer(question);
    ok(text.startsWith("Okay. One, two"), `seed ${draw.seed}: ${question} → ${text}`);
    ok(text.toLowerCase().endsWith(` ${word}.`), `seed ${draw.seed}: ${question} → ${text}`);
  }
  equal(answer("count backwards from three"), "Okay. Three, two, one.");
  equal(answer("count down from 4 to 2"), "Okay. Four, three, two.");
  equal(answer("count to twenty by fives"), "Okay. Five, ten, fifteen, twenty.");
  equal(answer("count for me").split(",").length, 10);
});

Deno.test("the brain stops counting after a thousand numbers, and says so before", () => {
  const text = answer("count to one million");

  match(text, /^Okay\. I will stop after one thousand numbers\. One,/);
  match(text, /nine hundred ninety-nine, one thousand\.$/);
});

Deno.test("the brain does sums, as digits, words or by sound", () => {
  const draw = createDraw();
  const operators = [
    ["plus", (a: number, b: number) => a + b],
    ["minus", (a: number, b: number) => a - b],
    ["times", (a: number, b: number) => a * b],
    ["multiplied by", (a: number, b: number) => a * b],
  ] as const;
  for (let round = 0; round < 100; round++) {
    const [a, b] = [draw.int(0, 9999), draw.int(0, 9999)];
    const [name, apply] = draw.pick(operators);
    const [left, right] = [
      draw.pick([String, writeNumber])(a),
      draw.pick([String, writeNumber])(b),
    ];

    const text = answer(
      draw.pick([`What is ${left} ${name} ${right}?`, `how much is ${left} ${name} ${right}`]),
    );

    const result = `${apply(a, b)}`.replace("-", "minus ");
    ok(text.endsWith(` is ${result}.`), `seed ${draw.seed}: ${left} ${name} ${right} → ${text}`);
  }
  const table = [
    ["2 + 3 * 4", "2 plus 3 times 4 is 14."],
    ["what's 1,000 / 8?", "1000 divided by 8 is 125."],
    ["what is to plus too", "2 plus 2 is 4."],
    ["what is for times ate", "4 times 8 is 32."],
    ["what is 15% of 80", "15 percent of 80 is 12."],
    ["ten divided by three", "10 divided by 3 is about 3.3333."],
    ["0.1 + 0.2", "0.1 plus 0.2 is about 0.3."],
    ["5 divided by zero", "I cannot divide by zero. Nobody can."],
    ["add five and six", "5 plus 6 is 11."],
    ["subtract 3 from ten", "10 minus 3 is 7."],
    ["minus five plus two", "minus 5 plus 2 is minus 3."],
  ] as const;
  for (const [question, expected] of table) equal(answer(question), expected);
});

Deno.test("the brain tells the time of any zone there is", () => {
  const draw = createDraw();
  const zones = Intl.supportedValuesOf("timeZone").filter((zone) =>
    /^[A-Z][a-z]+\/[A-Z]/.test(zone)
  );
  for (let round = 0; round < 50; round++) {
    const zone = draw.pick(zones);
    const now = Date.UTC(2026, draw.int(0, 11), draw.int(1, 28), draw.int(0, 23), draw.int(1, 59));
    const city = zone.split("/").at(-1)!.replace(/[_-]/g, " ");
    const ask = draw.pick([
      "What time is it in CITY?",
      "what time is it in city",
      "what's the time in CITY right now",
    ]);
    const question = ask.replace("CITY", () => city).replace("city", () => city.toLowerCase());

    const text = think([{ role: "user", text: question }], { now, timeZone: "UTC" });

    const expected = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      hour: "numeric",
      minute: "2-digit",
    })
      .format(now).replace(/[\u202f\u00a0]/g, " ");
    const [, time, place] = /^It is (.+?) in (.+)\.$/.exec(text) ?? [];
    const seen = `seed ${draw.seed}: ${question}, ${zone} → ${text}`;
    equal(time?.replace(/^(\d+) /, "$1:00 "), expected, seen);
    equal(place?.toLowerCase(), city.toLowerCase(), seen);
  }
});

Deno.test("the brain knows more places than zones have names, and says where it knows none", () => {
  const table = [
    ["what time is it", "It is 9:05 AM."],
    ["What time is it now?", "It is 9:05 AM."],
    ["could you tell me the time please", "It is 9:05 AM."],
    ["what time is it in San Francisco", "It is 6:05 AM in San Francisco."],
    ["what time is it and paris", "It is 3:05 PM in Paris."],
    ["What's the time in Japan?", "It is 11:05 PM in Japan."],
    ["What time is it in Atlantis?", "I do not know the clocks of Atlantis. Here, it is 9:05 AM."],
    ["what's the date", "Today is Sunday, November 22, 2026."],
    ["What day is it today?", "Today is Sunday, November 22, 2026."],
    ["what day is it tomorrow", "Tomorrow is Monday, November 23, 2026."],
    ["what year is it", "It is 2026."],
  ] as const;

  for (const [question, expected] of table) equal(answer(question), expected, question);
});

Deno.test("the brain says noon and midnight for what they are", () => {
  const at = (hour: number) =>
    think([{ role: "user", text: "what time is it" }], {
      now: Date.UTC(2026, 0, 5, hour),
      timeZone: "UTC",
    });

  equal(at(12), "It is noon.");
  equal(at(0), "It is midnight.");
  equal(at(15), "It is 3 PM.");
});

Deno.test("the brain tells one story after the other", () => {
  const stories = ["tell me a story", "Another story, please!", "one more story"].map((
    _,
    index,
    asked,
  ) => answer(...asked.slice(0, index + 1)));

  equal(new Set(stories).size, 3);
  for (const story of stories) {
    ok(story.length > 200);
    ok(story.indexOf(".") < 60, "the first sentence is short");
  }
});

Deno.test("the brain repeats what is said, and what was said", () => {
  const table = [
    [["Say hello world"], "Hello world."],
    [["please repeat after me, The quick brown fox!"], "The quick brown fox!"],
    [["can you say good night"], "Good night."],
    [["I like tea.", "What did I just say?"], "You said: I like tea."],
    [["what did i say"], "You have not said anything before that."],
    [["count to two", "say that again"], "Okay. One, two."],
    [["repeat that please"], "I have not said anything yet."],
  ] as const;

  for (const [said, expected] of table) equal(answer(...said), expected);
});

Deno.test("the brain says honestly what it is and what it can do", () => {
  for (
    const question of ["who are you", "Are you a robot?", "what's your name", "which model are you"]
  ) {
    match(answer(question), /scripted stand-in.*not a language model.*OPENAI_API_KEY/, question);
  }
  match(answer("What can you do?"), /time.*count.*sums.*story.*name.*repeat/);
});

Deno.test("the brain is polite", () => {
  match(answer("Thank you!"), /^You are welcome/);
  match(answer("goodbye"), /^Goodbye/);
  match(answer("How are you?"), /^I am well/);
  equal(answer("stop"), "Okay.");
});

Deno.test("the brain turns round what it does not understand", () => {
  match(answer("I feel that my cat ignores me"), /that your cat ignores you/);
  match(answer("You are my friend"), /I am your friend/);
  for (const remark of ["", "...", "asdf qwer", "你好", "$&", "{1}", "why"]) {
    ok(answer(remark).length > 0, remark);
  }
});

Deno.test("the brain starts to speak soon: its first sentence is short", () => {
  for (
    const remark of [
      "hello",
      "count to forty",
      "what can you do",
      "who are you",
      "I feel sad",
      "why is it so",
    ]
  ) {
    ok(/^[^.!?]{1,70}[.!?]/.test(answer(remark)), answer(remark));
  }
});
