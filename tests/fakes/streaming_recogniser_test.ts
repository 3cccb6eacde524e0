import { deepStrictEqual as deepEqual } from "node:assert/strict";
import { testSpeechRecogniser } from "../contracts/asr_contract.ts";
import { marked } from "../engines/speech.ts";
import { tones } from "./scripted_synthesiser.ts";
import { StreamingRecogniser } from "./streaming_recogniser.ts";

function say(text: string): Float32Array<ArrayBuffer> {
  return tones(`${text}  `, { sampleRate: 16_000, letterMs: 40 });
}

testSpeechRecogniser("a streaming recogniser", () => Promise.resolve(new StreamingRecogniser()), {
  utterances: [
    { samples: say("good morning"), words: ["good", "morning"] },
    { samples: say("two red apples"), words: ["two", "red", "apples"] },
  ],
  long: { samples: say("all sorts of words ".repeat(40)), words: ["all", "sorts", "of", "words"] },
});

Deno.test("a streaming recogniser writes word by word, while the audio comes", async () => {
  const audio = ReadableStream.from(marked(say("two red apples")));

  const transcripts = await Array.fromAsync(
    new StreamingRecogniser().transcribe(audio, { signal: new AbortController().signal }),
  );

  deepEqual(transcripts, [
    { kind: "partial", text: "two" },
    { kind: "partial", text: "two red" },
    { kind: "partial", text: "two red apples" },
    { kind: "final", text: "two red apples" },
  ]);
});
