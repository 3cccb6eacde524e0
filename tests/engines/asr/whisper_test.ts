import { deepStrictEqual as deepEqual, rejects, strictEqual as equal } from "node:assert/strict";
import { join } from "node:path";
import type { SpeechRecogniser } from "@/engines/asr/engine.ts";
import { createWhisper } from "@/engines/asr/whisper.ts";
import { testSpeechRecogniser } from "../../contracts/asr_contract.ts";
import { chineseWord, englishWord, makeTinyWhisper, tinySpeech } from "../../fakes/tiny_whisper.ts";
import { marked } from "../speech.ts";

const { signal } = new AbortController();

// In the main isolate onnxruntime opens, once, a message port that it keeps; here, not in the middle of a test.
await (await createTinyWhisper())[Symbol.asyncDispose]();

/** The tiny Whisper, without Workers unless there should be some. */
async function createTinyWhisper(inferenceWorkers = 0): Promise<SpeechRecogniser> {
  const modelsDir = await makeTinyWhisper();
  try {
    return await createWhisper({ modelsDir, inferenceWorkers });
  } finally {
    await Deno.remove(modelsDir, { recursive: true });
  }
}

async function textOf(
  asr: SpeechRecogniser,
  { bands, language }: { readonly bands: readonly number[]; readonly language?: string },
): Promise<string> {
  const audio = ReadableStream.from(marked(tinySpeech(...bands)));
  const options = language === undefined ? { signal } : { signal, language };
  return (await Array.fromAsync(asr.transcribe(audio, options))).at(-1)!.text;
}

function utterance(...bands: number[]) {
  return { samples: tinySpeech(...bands), words: bands.map(englishWord) };
}

const MANY = [22, 25, 28, 31, 34, 37, 40, 43, 46, 49, 52, 55, 58, 61, 64, 67];

testSpeechRecogniser("whisper", () => createTinyWhisper(1), {
  utterances: [utterance(22, 40, 31), utterance(28, 25, 52)],
  long: utterance(...Array.from({ length: 90 }, (_, i) => MANY[i * i % 97 % 16]!)),
});

Deno.test("Whisper writes in the language that it is told", async () => {
  await using asr = await createTinyWhisper();

  const english = await textOf(asr, { bands: [25, 40], language: "en-GB" });
  const chinese = await textOf(asr, { bands: [25, 40], language: "zh-CN" });

  equal(english, "w25 w40");
  equal(chinese, chineseWord(25) + chineseWord(40));
});

Deno.test("Whisper finds out which language it is, when it is told none or one it does not know", async () => {
  await using asr = await createTinyWhisper();

  const texts = await Promise.all([
    textOf(asr, { bands: [12, 40] }),
    textOf(asr, { bands: [40, 12] }),
    textOf(asr, { bands: [12, 40], language: "tlh" }),
  ]);

  const chinese = chineseWord(12) + chineseWord(40);
  deepEqual(texts, [chinese, "w40 w12", chinese]);
});

Deno.test("Whisper does not write what is suppressed, but what comes next", async () => {
  await using asr = await createTinyWhisper();

  const text = await textOf(asr, { bands: [25, 70, 40], language: "en" });

  equal(text, "w25! w40");
});

Deno.test("Whisper writes nothing where it thinks that nobody speaks, unless it is sure of the words", async () => {
  await using asr = await createTinyWhisper();

  const doubtful = await textOf(asr, { bands: [73], language: "en" });
  const sure = await textOf(asr, { bands: [3, 40], language: "en" });

  deepEqual([doubtful, sure], ["", "w3 w40"]);
});

Deno.test("a Whisper whose files are missing or damaged is unavailable, and says what to do", async () => {
  const modelsDir = await makeTinyWhisper();
  const files = [
    "tokenizer.json",
    "generation_config.json",
    "encoder_model_quantized.onnx",
    "decoder_model_merged_quantized.onnx",
  ];

  for (const name of files) {
    const path = join(modelsDir, "whisper-base", name);
    const whole = await Deno.readFile(path);
    await Deno.writeTextFile(path, "<html>");
    await rejects(
      createWhisper({ modelsDir, inferenceWorkers: 0 }),
      { name: "EngineError", failure: "unavailable", message: /deno task models/ },
      name,
    );
    await Deno.writeFile(path, whole);
  }

  await Deno.remove(modelsDir, { recursive: true });
});
