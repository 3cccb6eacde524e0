import {
  deepStrictEqual as deepEqual,
  ok,
  rejects,
  strictEqual as equal,
} from "node:assert/strict";
import { FakeTime } from "@std/testing/time";
import OpenAI from "openai";
import { encodeWav } from "@/audio/wav.ts";
import type { SpeechRecogniser, TranscribeOptions } from "@/engines/asr/engine.ts";
import { EngineError } from "@/errors.ts";
import {
  transcriptionsRoute,
  type TranscriptionsRouteOptions,
} from "@/server/audio/transcriptions_route.ts";
import { createUploads } from "@/server/limits/uploads.ts";
import { createRateLimiter, type RateLimiter } from "@/server/limits/rate_limiter.ts";
import { join, tone } from "../../audio/tone.ts";
import { loudnessDetector } from "../../fakes/loudness_detector.ts";
import { createOpenAI, createTestApp } from "../test_app.ts";

/** A recogniser whose segments say these texts, in turn. */
function saying(...texts: readonly (string | Error)[]) {
  const left = [...texts];
  const asked: TranscribeOptions[] = [];
  const asr: SpeechRecogniser = {
    name: "saying",
    async *transcribe(audio, options) {
      asked.push(options);
      await Array.fromAsync(audio);
      const text = left.shift() ?? "too much";
      if (text instanceof Error) throw text;
      yield { kind: "final", text };
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  return { asr, asked };
}

function createRoutes(
  asr: SpeechRecogniser,
  stopping = new AbortController().signal,
  limits: Pick<TranscriptionsRouteOptions, "speech" | "uploads"> = {},
) {
  const engines = Promise.resolve({ vad: loudnessDetector, asr });
  return [transcriptionsRoute({ ...limits, engines, stopping, language: "en" })];
}

function createClient(asr: SpeechRecogniser, stopping?: AbortSignal): OpenAI {
  return createOpenAI(createTestApp({ routes: createRoutes(asr, stopping) }));
}

/** A second of silence, then sound and silence of a second each, so many times. */
function recording(sounds: number): File {
  const silence = new Float32Array(16_000);
  const sound = tone(440, 16_000, { seconds: 1 });
  const samples = join([silence, ...Array.from({ length: sounds }, () => [sound, silence]).flat()]);
  return new File([encodeWav({ samples, sampleRate: 16_000 })], "no matter");
}

const asking = () => ({ file: recording(2), model: "any" });

Deno.test("a recording is written down as json, with its length", async () => {
  const { asr, asked } = saying("Hello.", "And goodbye.");
  const { audio } = createClient(asr);

  const transcription = await audio.transcriptions.create({
    ...asking(),
    language: "de",
    prompt: "Deno",
    temperature: 0.5,
  });

  deepEqual(transcription, {
    text: "Hello. And goodbye.",
    usage: { type: "duration", seconds: 5 },
  });
  deepEqual(asked.map(({ language, prompt }) => [language, prompt]), [
    ["de", "Deno"],
    ["de", "Deno"],
  ]);
});

Deno.test("verbose_json says when each segment is said, and in what language", async () => {
  const { audio } = createClient(saying("Hallo.", "Und tschüss.").asr);

  const { segments, ...rest } = await audio.transcriptions.create({
    ...asking(),
    language: "de",
    response_format: "verbose_json",
    timestamp_granularities: ["segment"],
  });

  deepEqual(rest as unknown, {
    task: "transcribe",
    language: "german",
    duration: 5,
    text: "Hallo. Und tschüss.",
    usage: { type: "duration", seconds: 5 },
  });
  deepEqual(segments!.map(({ id, text }) => [id, text]), [[0, "Hallo."], [1, "Und tschüss."]]);
  const times = segments!.map(({ start, end }) => [start, end].map(Math.round));
  deepEqual(times, [[1, 2], [3, 4]]);
});

Deno.test("subtitles have numbers and times, and nothing that would end them early", async () => {
  const texts = ["Hello\n\nthere.", "Left --> right."];
  const srt = await createClient(saying(...texts).asr).audio.transcriptions
    .create({ ...asking(), response_format: "srt" });
  const vtt = await createClient(saying(...texts).asr).audio.transcriptions
    .create({ ...asking(), response_format: "vtt" });

  equal(
    srt,
    "1\n00:00:00,992 --> 00:00:02,016\nHello there.\n\n" +
      "2\n00:00:02,976 --> 00:00:04,000\nLeft → right.\n\n",
  );
  equal(
    vtt,
    "WEBVTT\n\n00:00:00.992 --> 00:00:02.016\nHello there.\n\n" +
      "00:00:02.976 --> 00:00:04.000\nLeft → right.\n\n",
  );
});

Deno.test("as text, a transcription is its bare words and the end of a line", async () => {
  const { audio } = createClient(saying("Hello.", "Bye.").asr);

  equal(
    await audio.transcriptions.create({ ...asking(), response_format: "text" }),
    "Hello. Bye.\n",
  );
});

Deno.test("a stream brings the text segment by segment, then all of it", async () => {
  const { audio } = createClient(saying("Hello.", "Bye.").asr);

  const stream = await audio.transcriptions.create({ ...asking(), stream: true });
  const events = await Array.fromAsync(stream);

  deepEqual(events, [
    { type: "transcript.text.delta", delta: "Hello." },
    { type: "transcript.text.delta", delta: " Bye." },
    { type: "transcript.text.done", text: "Hello. Bye." },
  ]);
});

Deno.test("of a silent recording there is nothing to say", async () => {
  const { audio } = createClient(saying().asr);
  const file = recording(0);

  const json = await audio.transcriptions.create({ file, model: "any" });
  const srt = await audio.transcriptions.create({ file, model: "any", response_format: "srt" });
  const stream = await audio.transcriptions.create({ file, model: "any", stream: true });

  equal(json.text, "");
  equal(srt, "");
  deepEqual(await Array.fromAsync(stream), [{ type: "transcript.text.done", text: "" }]);
});

const REFUSED: readonly (readonly [string, Record<string, unknown>, string, string])[] = [
  ["no file", { file: undefined }, "missing_required_parameter", "file"],
  ["no model", { model: undefined }, "missing_required_parameter", "model"],
  ["a text as file", { file: "hello" }, "invalid_type", "file"],
  ["an empty file", { file: new File([], "a.wav") }, "invalid_value", "file"],
  ["a file of text", { file: new File(["Hello"], "a.mp3") }, "invalid_value", "file"],
  ["half a recording", { file: recording(2).slice(0, 50_000) }, "invalid_value", "file"],
  [
    "half a recording, as a stream",
    {
      file: recording(2).slice(0, 50_000),
      stream: "true",
    },
    "invalid_value",
    "file",
  ],
  ["an unknown format", { response_format: "xml" }, "invalid_value", "response_format"],
  ["a stream of subtitles", { response_format: "srt", stream: "true" }, "invalid_value", "stream"],
  ["a language that is none", { language: "klingon!" }, "invalid_value", "language"],
  ["a temperature too high", { temperature: "7" }, "invalid_value", "temperature"],
  [
    "the times of words",
    {
      response_format: "verbose_json",
      "timestamp_granularities[]": "word",
    },
    "invalid_value",
    "timestamp_granularities[0]",
  ],
  ["the likelihood of words", { "include[]": "logprobs" }, "invalid_value", "include"],
];
for (const [what, fields, code, param] of REFUSED) {
  Deno.test(`${what} is refused with a 400 that names the field`, async () => {
    const client = createClient(saying("Hello.").asr);
    const form = new FormData();
    for (const [name, value] of Object.entries({ ...asking(), ...fields })) {
      if (value !== undefined) form.set(name, value as string | Blob);
    }

    const asked = client.post("/audio/transcriptions", { body: form });

    await rejects(
      asked,
      (error) =>
        error instanceof OpenAI.BadRequestError && error.code === code && error.param === param &&
        error.type === "invalid_request_error",
    );
  });
}

const PART = '--x\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\nRIFF';
for (const [what, body] of [["no form", "hello"], ["a form that is cut off", PART]] as const) {
  Deno.test(`${what} is refused with a 400`, async () => {
    const client = createClient(saying().asr);

    const asked = client.post("/audio/transcriptions", {
      body,
      headers: { "content-type": "multipart/form-data; boundary=x" },
    });

    await rejects(asked, OpenAI.BadRequestError);
  });
}

Deno.test("more than 25 MiB is refused with a 413", async () => {
  const { audio } = createClient(saying().asr);
  const file = new File([new Uint8Array(25 * 1024 * 1024 + 70_000)], "a.wav");

  await rejects(audio.transcriptions.create({ file, model: "any" }), {
    status: 413,
    code: "request_too_large",
  });
});

Deno.test("a recogniser that has too much to do is a 503, one that broke a 500", async () => {
  for (const [failure, status] of [["overloaded", 503], ["crashed", 500]] as const) {
    const error = new EngineError("secret", { engine: "saying", failure });
    const { audio } = createClient(saying(error).asr);

    const asked = audio.transcriptions.create(asking());

    await rejects(
      asked,
      (thrown) =>
        thrown instanceof OpenAI.APIError && thrown.status === status &&
        thrown.code === `engine_${failure}` && !thrown.message.includes("secret"),
    );
  }
});

Deno.test("what fails in the middle of a stream is told by its last event", async () => {
  const failure = new EngineError("secret", { engine: "saying", failure: "timeout" });
  const { audio } = createClient(saying("Hello.", failure).asr);
  const heard: unknown[] = [];

  const stream = await audio.transcriptions.create({ ...asking(), stream: true });
  const read = (async () => {
    for await (const event of stream) heard.push(event);
  })();

  await rejects(
    read,
    (error) => error instanceof OpenAI.APIError && error.code === "engine_timeout",
  );
  deepEqual(heard, [{ type: "transcript.text.delta", delta: "Hello." }]);
});

/** A recogniser that never answers, and how it hears that nobody waits any more. */
function stuck() {
  const begun = Promise.withResolvers<void>();
  const aborted = Promise.withResolvers<void>();
  const asr: SpeechRecogniser = {
    name: "stuck",
    // deno-lint-ignore require-yield
    async *transcribe(_, { signal }) {
      signal.addEventListener("abort", () => aborted.resolve());
      begun.resolve();
      await aborted.promise;
      throw signal.reason;
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  return { asr, begun: begun.promise, aborted: aborted.promise };
}

Deno.test("a client that goes away ends the recognition", async () => {
  const { asr, begun, aborted } = stuck();
  const { audio } = createClient(asr);
  const controller = new AbortController();

  const asked = audio.transcriptions.create(asking(), { signal: controller.signal });
  asked.catch(() => {});
  await begun;
  controller.abort();
  await aborted;

  await rejects(asked);
});

Deno.test("what takes long is answered before its end, so that a client that goes away is noticed", async () => {
  using time = new FakeTime();
  const { asr, begun, aborted } = stuck();
  const routes = createRoutes(asr);
  const app = createTestApp({ routes });
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    (request) => app(request),
  );
  const form = new FormData();
  for (const [name, value] of Object.entries(asking())) form.set(name, value);
  const { type, bytes } = await encode(form);
  const controller = new AbortController();
  const asked = fetch(`http://127.0.0.1:${server.addr.port}/v1/audio/transcriptions`, {
    method: "POST",
    headers: { "content-type": type },
    body: bytes,
    signal: controller.signal,
  });

  await begun;
  await time.tickAsync(5000);
  const { status, body } = await asked;
  controller.abort();
  await aborted;

  equal(status, 200);
  await rejects(body!.getReader().read(), { name: "AbortError" });
});

/** A form as bytes: Deno's `fetch` does not close the connection of a form when it is aborted. */
async function encode(form: FormData) {
  const blob = await new Response(form).blob();
  return { type: blob.type, bytes: await blob.bytes() };
}

Deno.test("a server that ends does not wait for recordings", async () => {
  const { asr, begun, aborted } = stuck();
  const stopping = new AbortController();
  const { audio } = createClient(asr, stopping.signal);

  const asked = audio.transcriptions.create(asking());
  asked.catch(() => {});
  await begun;
  stopping.abort();
  await aborted;

  await rejects(asked, (error) => error instanceof OpenAI.APIError && error.status === 500);
  ok(stopping.signal.aborted);
});

Deno.test("the speech in a recording counts, its silence does not, and who owes some is refused until it has grown back", async () => {
  using kv = await Deno.openKv(":memory:");
  const speech = createRateLimiter(kv, { kind: "speech", perMinute: 6, now: () => 0 });
  const routes = createRoutes(saying(...Array(8).fill("Hello.")).asr, undefined, { speech });
  const { audio } = createOpenAI(createTestApp({ routes }));

  await audio.transcriptions.create({ file: recording(0), model: "any" });
  const { remaining } = await speech.ask("anonymous");
  await audio.transcriptions.create({ file: recording(8), model: "any" });
  const refused = audio.transcriptions.create(asking());

  equal(remaining, 6);
  await rejects(refused, (error) => {
    ok(error instanceof OpenAI.RateLimitError);
    deepEqual([error.code, error.headers.get("retry-after")], ["rate_limit_exceeded", "32"]);
    return true;
  });
});

Deno.test("speech counts as well where a recogniser fails over it", async () => {
  using kv = await Deno.openKv(":memory:");
  const failure = new EngineError("broken", { engine: "saying", failure: "crashed" });
  const charged = Promise.withResolvers<number>();
  const speech: RateLimiter = {
    ...createRateLimiter(kv, { kind: "speech", perMinute: 6 }),
    charge: (_, seconds) => Promise.resolve(charged.resolve(seconds)),
  };
  const routes = createRoutes(saying(failure).asr, undefined, { speech });
  const { audio } = createOpenAI(createTestApp({ routes }));

  await rejects(audio.transcriptions.create(asking()));

  ok(await charged.promise >= 1);
});

Deno.test("a recording beyond those that are taken at once is refused, and taken once one is done, however that ended", async () => {
  const { asr, begun, aborted } = stuck();
  const uploads = createUploads({ max: 2, perCaller: 1 });
  const stopping = new AbortController();
  const routes = createRoutes(asr, stopping.signal, { uploads });
  const { audio } = createOpenAI(createTestApp({ routes }));
  const long = { file: recording(40), model: "any" };

  const asked = audio.transcriptions.create(long);
  asked.catch(() => {});
  await begun;
  const refused = audio.transcriptions.create(asking());
  await rejects(refused, { status: 429, code: "too_many_uploads" });
  stopping.abort();
  await aborted;
  await rejects(asked);

  await rejects(audio.transcriptions.create({ file: new File(["no"], "a.wav"), model: "any" }), {
    status: 400,
  });
  await rejects(audio.transcriptions.create({ file: new File(["no"], "a.wav"), model: "any" }), {
    status: 400,
  });
});
