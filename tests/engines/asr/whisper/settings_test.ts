import { deepStrictEqual as deepEqual, strictEqual as equal, throws } from "node:assert/strict";
import { Tokenizer } from "@huggingface/tokenizers";
import { languageToken, readSettings } from "@/engines/asr/whisper/settings.ts";
import { TINY_SETTINGS } from "../../../fakes/tiny_whisper.ts";

/** The real small files of Whisper, where they are. */
const WHISPER_DIR = Deno.env.get("WHISPER_DIR") ||
  new URL("../../../../../shared/whisper", import.meta.url).pathname;

function read(name: string): string | undefined {
  try {
    return Deno.readTextFileSync(`${WHISPER_DIR}/${name}`);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

const real = { settings: read("generation_config.json"), tokenizer: read("tokenizer.json") };

Deno.test("a language is found by its tag, also under Whisper's own names", () => {
  const settings = readSettings(JSON.stringify({
    ...TINY_SETTINGS,
    lang_to_id: { "<|zh|>": 1, "<|en|>": 2, "<|no|>": 3, "<|haw|>": 4 },
  }));

  const tags = ["zh", "zh-Hant-TW", "yue", "EN-gb", "nb", "haw", "tlh", "auto", "", undefined];

  deepEqual(tags.map((tag) => languageToken(settings, tag)), [
    ...[1, 1, 1, 2, 3, 4],
    ...[undefined, undefined, undefined, undefined],
  ]);
});

for (const [what, json] of [["no JSON", "<html>"], ["a model of English only", "{}"]] as const) {
  Deno.test(`${what} has no settings`, () => {
    throws(() => readSettings(json));
  });
}

Deno.test({
  name: "Whisper's real settings agree with its real tokens",
  ignore: real.settings === undefined || real.tokenizer === undefined,
  fn() {
    const settings = readSettings(real.settings!);
    const tokenizer = new Tokenizer(JSON.parse(real.tokenizer!), {});

    equal(tokenizer.id_to_token(settings.startToken), "<|startoftranscript|>");
    equal(tokenizer.id_to_token(settings.endToken), "<|endoftext|>");
    equal(tokenizer.id_to_token(settings.transcribeToken), "<|transcribe|>");
    equal(tokenizer.id_to_token(settings.noTimestampsToken), "<|notimestamps|>");
    equal(tokenizer.id_to_token(settings.noSpeechToken), "<|nocaptions|>");
    equal(tokenizer.id_to_token(languageToken(settings, "zh-CN")!), "<|zh|>");
    equal(Object.keys(settings.languageTokens).length, 99);
  },
});

Deno.test({
  name: "Whisper's real tokens become text, in any script",
  ignore: real.tokenizer === undefined,
  fn() {
    const tokenizer = new Tokenizer(JSON.parse(real.tokenizer!), {});

    const english = tokenizer.decode([440, 5503, 307, 3554, 13]);
    const chinese = tokenizer.decode([12074, 6135, 42204, 48200, 171, 120, 253]);

    deepEqual([english, chinese], [" The weather is cold.", "今天天气怎么样？"]);
  },
});
