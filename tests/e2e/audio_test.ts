import {
  deepStrictEqual as deepEqual,
  ok,
  rejects,
  strictEqual as equal,
} from "node:assert/strict";
import OpenAI from "openai";
import { startServer, type TestServer } from "./server.ts";
import { createPerson, wordErrors, words } from "./user_speech.ts";
import { WIRE_RATE } from "./voice_client.ts";
import { silence, wavOf } from "./wav.ts";

const SENTENCE = "The quick brown fox jumps over the lazy dog.";
const LATER = "I would like a cup of tea with milk and sugar.";

function createClient({ url }: TestServer, apiKey = "right"): OpenAI {
  return new OpenAI({ apiKey, baseURL: `${url}/v1`, maxRetries: 0 });
}

function assertHeard(text: string, said: string): void {
  const errors = wordErrors(words(said), words(text));
  ok(errors <= 2, `"${said}" was heard as "${text}"`);
}

Deno.test("recordings are written down in every format, and say when what was said", async () => {
  await using server = await startServer();
  await using person = await createPerson();
  const { audio } = createClient(server);
  const [first, second] = [await person.speech(SENTENCE), await person.speech(LATER)];
  const file = wavOf(silence(1), first, silence(1.5), second, silence(1));
  const asked = { file, model: "whisper-1" };

  const json = await audio.transcriptions.create(asked);
  const verbose = await audio.transcriptions.create({ ...asked, response_format: "verbose_json" });
  const srt = await audio.transcriptions.create({ ...asked, response_format: "srt" });
  const vtt = await audio.transcriptions.create({ ...asked, response_format: "vtt" });
  const plain = await audio.transcriptions.create({ ...asked, response_format: "text" });
  const stream = await audio.transcriptions.create({ ...asked, stream: true });
  const events = await Array.fromAsync(stream);

  const seconds = first.length / 2 / WIRE_RATE;
  const starts = verbose.segments!.map(({ start }) => start);
  assertHeard(json.text, `${SENTENCE} ${LATER}`);
  equal(verbose.text, json.text);
  equal(verbose.language, "english");
  equal(starts.length, 2);
  ok(Math.abs(starts[0]! - 1) < 0.3, `${starts}`);
  ok(Math.abs(starts[1]! - (2.5 + seconds)) < 0.3, `${starts}`);
  equal(srt.match(/^\d+\n[\d:]+,\d{3} --> [\d:]+,\d{3}\n\w.+$/gm)?.length, 2, srt);
  ok(vtt.startsWith("WEBVTT\n\n00:00:0"), vtt);
  equal(plain, `${json.text}\n`);
  const deltas = events.flatMap((event) =>
    event.type === "transcript.text.delta" ? [event.delta] : []
  );
  equal(deltas.length, 2);
  equal(deltas.join(""), json.text);
  deepEqual(events.at(-1), { type: "transcript.text.done", text: json.text });
});

Deno.test("what is spoken is understood again, in every format, and two at once do not mix", async () => {
  await using server = await startServer({ API_KEYS: "right" });
  const { audio } = createClient(server);
  const formats = ["mp3", "opus", "wav"] as const;
  const texts = [SENTENCE, LATER];

  for (const response_format of formats) {
    const heard = await Promise.all(texts.map(async (input) => {
      const asked = { input, model: "tts-1", voice: "alloy", response_format };
      const speech = await audio.speech.create(asked);
      const file = new File([await speech.blob()], "speech");
      return await audio.transcriptions.create({ file, model: "whisper-1" });
    }));

    heard.forEach(({ text }, i) => assertHeard(text, texts[i]!));
  }
});

Deno.test("a key is needed, and what is too large or no recording is refused", async () => {
  await using server = await startServer({ API_KEYS: "right" });
  const { audio } = createClient(server);
  const large = new File([new Uint8Array(26_300_000)], "large.wav");
  const text = new File(["Hello"], "hello.wav");

  const stranger = createClient(server, "wrong").audio;

  await rejects(
    stranger.transcriptions.create({ file: text, model: "x" }),
    OpenAI.AuthenticationError,
  );
  await rejects(
    stranger.speech.create({ input: "x", model: "x", voice: "x" }),
    OpenAI.AuthenticationError,
  );
  await rejects(audio.transcriptions.create({ file: large, model: "x" }), { status: 413 });
  await rejects(audio.transcriptions.create({ file: text, model: "x" }), {
    status: 400,
    code: "invalid_value",
    param: "file",
  });
});
