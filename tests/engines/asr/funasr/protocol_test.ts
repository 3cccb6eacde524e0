import { deepStrictEqual as deepEqual, strictEqual as equal, throws } from "node:assert/strict";
import { beginMessage, readMessage } from "@/engines/asr/funasr/protocol.ts";

Deno.test("the words of a prompt become hotwords, its sentences do not", () => {
  const { hotwords } = JSON.parse(
    beginMessage({ prompt: "阿里巴巴、通义实验室，Deno,\nA meeting. Be precise\n他说：你好" }),
  );

  deepEqual(JSON.parse(hotwords), { 阿里巴巴: 20, 通义实验室: 20, Deno: 20 });
});

Deno.test("a language that the models cannot be told is not told", () => {
  const languages = ["zh-CN", "yue", "EN", "de", undefined].map((language) =>
    JSON.parse(beginMessage(language === undefined ? {} : { language })).svs_lang
  );

  deepEqual(languages, ["zh", "yue", "en", undefined, undefined]);
});

Deno.test("fields that are not needed are left alone", () => {
  const message = readMessage(
    '{"mode":"2pass-offline","text":"你好","is_final":true,"timestamp":"[[1,2]]","stamp_sents":[]}',
  );

  deepEqual(message, {
    kind: "correction",
    text: "你好",
    final: true,
    end: false,
    error: undefined,
  });
});

Deno.test("the tags that SenseVoice puts before its words are no words", () => {
  const said = [
    "<|zh|><|NEUTRAL|><|Speech|> 你好",
    "<|zh|><|HAPPY|><|Speech|><|withitn|>3.5元。 <|zh|><|SAD|><|BGM|><|withitn|>好吧。",
    "<|nospeech|><|EMO_UNKNOWN|><|Event_UNK|> ",
    "1 < 2 || 3 > 2",
  ];

  const texts = said.map((text) => readMessage(JSON.stringify({ text })).text);

  deepEqual(texts, ["你好", "3.5元。 好吧。", "", "1 < 2 || 3 > 2"]);
});

Deno.test("an end that could not be reached is an error, with the server's words if it has any", () => {
  equal(readMessage('{"is_end":true,"is_final":false,"error":"no model"}').error, "no model");
  equal(readMessage('{"is_end":true,"is_final":false}').error, "it could not finish");
  equal(readMessage('{"is_end":true,"is_final":true}').error, undefined);
});

for (const data of ["hello", "[]", '{"text":7}', new ArrayBuffer(3)]) {
  Deno.test(`${typeof data === "string" ? data : "a binary message"} is not of the protocol`, () => {
    throws(() => readMessage(data));
  });
}
