import {
  deepStrictEqual as deepEqual,
  match,
  ok,
  rejects,
  strictEqual as equal,
} from "node:assert/strict";
import OpenAI from "openai";
import { createDecoder } from "@/audio/codec.ts";
import { SAMPLE_RATE } from "@/audio/frame.ts";
import { readRecording } from "@/audio/read_recording.ts";
import { SPEECH_RATE } from "@/audio/speech_encoders.ts";
import { EngineError } from "@/errors.ts";
import { speechRoute } from "@/server/audio/speech_route.ts";
import { join } from "../../audio/tone.ts";
import { ScriptedSynthesiser, spokenText } from "../../fakes/scripted_synthesiser.ts";
import { createOpenAI, createTestApp } from "../test_app.ts";

const LETTER_MS = 40;

function createClient(tts: ScriptedSynthesiser, stopping = new AbortController().signal): OpenAI {
  const engines = Promise.resolve({ tts });
  const routes = [speechRoute({ engines, stopping, language: "en" })];
  return createOpenAI(createTestApp({ routes }));
}

const asking = (input: string) => ({ input, model: "any", voice: "alloy" });

/** What a file of speech says. */
async function understand(response: Response): Promise<string> {
  const file = new Uint8Array(await response.arrayBuffer());
  const samples = join(await Array.fromAsync(readRecording(file, { sampleRate: SAMPLE_RATE })));
  return spokenText(samples, { sampleRate: SAMPLE_RATE, letterMs: LETTER_MS }).trim();
}

for (const [format, type] of [["wav", "audio/wav"], ["opus", "audio/ogg; codecs=opus"]] as const) {
  Deno.test(`a text is spoken as ${format}`, async () => {
    const { audio } = createClient(new ScriptedSynthesiser());

    const response = await audio.speech.create({
      ...asking("hello there"),
      response_format: format,
    });

    equal(response.headers.get("content-type"), type);
    equal(await understand(response), "hello there");
  });
}

Deno.test("speech is MP3 unless something else is asked for", async () => {
  const { audio } = createClient(new ScriptedSynthesiser());

  const response = await audio.speech.create(asking("hello there"));

  const file = new Uint8Array(await response.arrayBuffer());
  const pieces = await Array.fromAsync(readRecording(file, { sampleRate: SAMPLE_RATE }));
  equal(response.headers.get("content-type"), "audio/mpeg");
  const seconds = join(pieces).length / SAMPLE_RATE;
  ok(seconds > 0.44 && seconds < 0.64, `${seconds}`);
});

Deno.test("pcm is bare samples at 24 kHz", async () => {
  const { audio } = createClient(new ScriptedSynthesiser());

  const response = await audio.speech.create({ ...asking("hello"), response_format: "pcm" });

  const samples = createDecoder("pcm16")(new Uint8Array(await response.arrayBuffer()));
  equal(spokenText(samples, { sampleRate: SPEECH_RATE, letterMs: LETTER_MS }), "hello");
});

Deno.test("the engine is told the voice, whichever way it is named, and the speed", async () => {
  const tts = new ScriptedSynthesiser();
  const { audio } = createClient(tts);

  await audio.speech.create({ ...asking("one"), speed: 2 });
  await audio.speech.create({ ...asking("two"), voice: { id: "other" }, instructions: "Whisper." });

  deepEqual(
    tts.calls.map(({ options: { voice, speed, language } }) => [voice, speed, language]),
    [["alloy", 2, "en"], ["other", 1, "en"]],
  );
});

Deno.test("the first bytes leave before the second sentence is spoken", async () => {
  const tts = new ScriptedSynthesiser({ manual: true });
  const { audio } = createClient(tts);
  const asked = audio.speech.create({
    ...asking("This is the first sentence. This is the second one."),
    response_format: "pcm",
  });
  await tts.called(1);
  tts.release();

  let length = 0;
  const read = asked.then(async ({ body }) => {
    for await (const bytes of body!) length += bytes.length;
  });
  await tts.called(2);
  const early = length;
  tts.release();
  await read;

  ok(early > 0 && early < length, `${early} of ${length}`);
});

Deno.test("as events, speech is the bytes of the same file, in base64, then the end", async () => {
  const client = createClient(new ScriptedSynthesiser());
  const asked = { ...asking("hello"), response_format: "pcm" as const };
  const whole = await (await client.audio.speech.create(asked)).bytes();

  const response = await client.audio.speech.create({ ...asked, stream_format: "sse" });
  const messages = (await response.text()).split("\n\n").filter((message) => message !== "");

  const events = messages.map((message) => JSON.parse(message.replace(/^data: /, "")));
  const bytes = events.slice(0, -1).map(({ audio }) => Uint8Array.fromBase64(audio));
  match(response.headers.get("content-type") ?? "", /^text\/event-stream/);
  deepEqual(await new Blob(bytes).bytes(), whole);
  ok(events.slice(0, -1).every(({ type }) => type === "speech.audio.delta"));
  deepEqual(events.at(-1), { type: "speech.audio.done" });
});

Deno.test("a text without words is silence, and no failure", async () => {
  const { audio } = createClient(new ScriptedSynthesiser());

  const response = await audio.speech.create({ ...asking("…"), response_format: "pcm" });

  equal((await response.bytes()).length, 0);
});

const REFUSED: readonly (readonly [string, Record<string, unknown>, string, string])[] = [
  ["no input", { input: undefined }, "missing_required_parameter", "input"],
  ["an empty input", { input: "" }, "invalid_value", "input"],
  ["an input of 4097 characters", { input: "a".repeat(4097) }, "invalid_value", "input"],
  ["no model", { model: undefined }, "missing_required_parameter", "model"],
  ["no voice", { voice: undefined }, "missing_required_parameter", "voice"],
  ["a voice that is a number", { voice: 5 }, "invalid_type", "voice"],
  ["AAC", { response_format: "aac" }, "invalid_value", "response_format"],
  ["FLAC", { response_format: "flac" }, "invalid_value", "response_format"],
  ["a speed too high", { speed: 5 }, "invalid_value", "speed"],
  ["an unknown stream", { stream_format: "smoke" }, "invalid_value", "stream_format"],
];
for (const [what, fields, code, param] of REFUSED) {
  Deno.test(`${what} is refused with a 400 that names the field`, async () => {
    const client = createClient(new ScriptedSynthesiser());

    const asked = client.post("/audio/speech", { body: { ...asking("hello"), ...fields } });

    await rejects(
      asked,
      (error) =>
        error instanceof OpenAI.BadRequestError && error.code === code && error.param === param,
    );
  });
}

Deno.test("the longest text is 4096 characters", async () => {
  const { audio } = createClient(new ScriptedSynthesiser({ letterMs: 0.1 }));

  const response = await audio.speech.create(asking("a".repeat(4096)));

  equal(response.status, 200);
  await response.bytes();
});

Deno.test("a synthesiser that cannot be reached is a 503, and not half a file", async () => {
  const tts = new ScriptedSynthesiser({ manual: true });
  const { audio } = createClient(tts);

  const asked = audio.speech.create(asking("hello"));
  await tts.called(1);
  tts.fail(new EngineError("secret", { engine: "scripted", failure: "unavailable" }));

  await rejects(asked, (error) =>
    error instanceof OpenAI.APIError && error.status === 503 &&
    error.code === "engine_unavailable" && error.headers?.get("retry-after") === "5");
});

for (const stream_format of ["audio", "sse"] as const) {
  Deno.test(`a client that goes away while it is sent ${stream_format} ends the synthesis`, async () => {
    const tts = new ScriptedSynthesiser({ manual: true });
    const { audio } = createClient(tts);
    const controller = new AbortController();
    const asked = audio.speech.create(
      { ...asking("This is the first sentence. This is the second one."), stream_format },
      { signal: controller.signal },
    );
    await tts.called(1);
    tts.release();
    const reader = (await asked).body!.getReader();
    const read = (async () => {
      while (!(await reader.read()).done);
    })();
    read.catch(() => {});

    await tts.called(2);
    controller.abort();
    await tts.calls[1]!.ended;
    await reader.cancel().catch(() => {});

    equal(tts.calls[1]!.state, "aborted");
  });
}
