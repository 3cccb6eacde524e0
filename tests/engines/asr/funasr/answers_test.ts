import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import { type Answers, createAnswers } from "@/engines/asr/funasr/answers.ts";
import { createManners } from "@/engines/asr/funasr/manners.ts";
import { type FunAsrMessage, readMessage } from "@/engines/asr/funasr/protocol.ts";

function online(text: string, final = false): FunAsrMessage {
  return readMessage(JSON.stringify({ mode: "2pass-online", text, is_final: final }));
}

function offline(text: string, final = false): FunAsrMessage {
  return readMessage(JSON.stringify({ mode: "2pass-offline", text, is_final: final }));
}

const SOUND = { sound: true };

/** What is known after each message. */
function after(answers: Answers, ...messages: FunAsrMessage[]): string[] {
  return messages.map((message) => {
    answers.take(message);
    return answers.text();
  });
}

Deno.test("online texts follow each other, and a correction replaces those since the last one", () => {
  const texts = after(
    createAnswers(),
    online("今天"),
    online("天七"),
    offline("今天天气，"),
    online("怎么"),
    offline("怎么样？"),
  );

  deepEqual(texts, ["今天", "今天天七", "今天天气，", "今天天气，怎么", "今天天气，怎么样？"]);
});

Deno.test("what SenseVoice takes for no speech is void, what an empty correction says nothing of stays", () => {
  const answers = createAnswers();

  const texts = after(
    answers,
    online("今天"),
    offline(""),
    online("嗯"),
    offline("<|nospeech|><|EMO_UNKNOWN|><|Event_UNK|> "),
    online("天气"),
    offline("<|zh|><|NEUTRAL|><|Speech|> 今天天气"),
  );

  deepEqual(texts, ["今天", "今天", "今天嗯", "", "天气", "今天天气"]);
});

Deno.test("texts in scripts with spaces are joined by one", () => {
  const texts = after(
    createAnswers(),
    online("good"),
    online("morning"),
    offline("Good morning."),
    offline("我用 Deno"),
    offline("。"),
    offline("Привет"),
    offline("мир"),
  );

  equal(texts.at(-1), "Good morning.我用 Deno。Привет мир");
});

Deno.test("a round is answered by the message that has is_final, even an empty one", () => {
  const answers = createAnswers();
  after(answers, online("你"));
  answers.expect();

  after(answers, online("好"), offline("你好。"));
  equal(answers.complete(), false);
  after(answers, readMessage('{"text":"","is_final":true,"wav_name":"utterance"}'));

  deepEqual([answers.complete(), answers.text()], [true, "你好。"]);
});

Deno.test("what was never corrected counts when its round has ended", () => {
  const answers = createAnswers();
  after(answers, offline("你好。"), online("嗯"));
  answers.expect();

  after(answers, readMessage('{"text":"","is_final":true}'));

  deepEqual([answers.complete(), answers.text()], [true, "你好。嗯"]);
});

Deno.test("where is_final says that the user speaks, the first correction without it answers", () => {
  const answers = createAnswers();
  after(answers, online("你", true));
  answers.expect();

  after(answers, online("好", true));
  equal(answers.complete(), false);
  after(answers, offline("你好。", false));

  deepEqual([answers.complete(), answers.text()], [true, "你好。"]);
});

Deno.test("an is_final that is taken back said that the user speaks", () => {
  const answers = createAnswers();
  answers.expect();

  after(answers, online("你", true), online("好", true));
  equal(answers.complete(), false);
  after(answers, offline("你好。", false));

  deepEqual([answers.complete(), answers.text()], [true, "你好。"]);
});

Deno.test("each round is answered once", () => {
  const answers = createAnswers();
  answers.expect();
  answers.expect();

  after(answers, offline("一。", true));
  equal(answers.complete(), false);
  after(answers, offline("二。", true));

  equal(answers.complete(), true);
});

Deno.test("where an end is acknowledged, nothing else ends a round", () => {
  const answers = createAnswers();
  const end = readMessage('{"is_end":true,"is_final":true}');
  answers.expect();

  after(answers, offline("一。", true), end);
  equal(answers.complete(), true);
  answers.expect();
  after(answers, offline("二。", true));
  equal(answers.complete(), false);
  after(answers, end);

  deepEqual([answers.complete(), answers.text()], [true, "一。二。"]);
});

Deno.test("a round that is answered while the next goes on tells nothing of the server's sort", () => {
  const answers = createAnswers();
  answers.expect();
  answers.expect();

  after(answers, offline("一。", true), online("二"), offline("二。", true));

  equal(answers.complete(), true);
});

Deno.test("a server may have said all when nothing awaits its correction, or its last word was a partial", () => {
  const answers = createAnswers();
  equal(answers.perhapsComplete(SOUND), false);
  after(answers, online("你"));
  answers.expect();
  equal(answers.perhapsComplete(SOUND), false);

  after(answers, offline("你好。"));
  equal(answers.perhapsComplete(SOUND), true);
  after(answers, online("嗯"));
  equal(answers.perhapsComplete(SOUND), false);
  after(answers, online("哦", true));

  deepEqual([answers.perhapsComplete(SOUND), answers.complete()], [true, false]);
});

Deno.test("a server that ends its rounds has not said all before it has ended the last", () => {
  const answers = createAnswers();
  answers.expect();
  after(answers, offline("一。", true));
  answers.expect();

  const perhaps = answers.perhapsComplete(SOUND);

  deepEqual([perhaps, answers.complete()], [false, false]);
});

Deno.test("a server that says whether the user speaks may have nothing to say of what comes next", () => {
  const manners = createManners();
  after(createAnswers(manners), online("你", true), offline("你好。", false));
  const answers = createAnswers(manners);
  answers.expect();

  const perhaps = answers.perhapsComplete(SOUND);

  equal(perhaps, true);
});

Deno.test("an empty correction behind the end is an answer, whatever it says of speaking", () => {
  const answers = createAnswers();
  answers.expect();

  after(answers, offline("", false));

  deepEqual([answers.perhapsComplete(SOUND), answers.text()], [true, ""]);
});
