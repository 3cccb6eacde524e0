import { z } from "zod";
import { SAMPLE_RATE } from "@/audio/frame.ts";
import { encodeSamples } from "@/audio/codec.ts";
import { decodeWav, encodeWav } from "@/audio/wav.ts";
import { readCode } from "./coded_speech.ts";
import {
  type FakeAnswer,
  type FakeError,
  type FakeOpenAiOptions,
  type FakeRequest,
  json,
} from "./openai_server.ts";

type Outcome = FakeAnswer | { readonly error: FakeError };

/** The fields of an upload that this engine may need. */
const Upload = z.strictObject({
  file: z.instanceof(File).refine(({ name }) => /\.(wav|mp3|flac|ogg|webm|m4a)$/.test(name)),
  model: z.string().min(1),
  language: z.string().regex(/^[a-z]{2,3}$/).optional(),
  "languages[]": z.string().regex(/^[a-z]{2,3}$/).optional(),
  prompt: z.string().optional(),
  response_format: z.enum(["json", "text"]).optional(),
  stream: z.enum(["true", "false"]).optional(),
});

/**
 * `POST /audio/transcriptions`: hears coded speech. OpenAI's newer models stream in its own form, and those that have
 * an owner in their name as vLLM does (`vllm/entrypoints/openai/speech_to_text`); others do not look at it.
 */
export async function transcribe(
  { body, headers }: FakeRequest,
  { hears = readCode }: FakeOpenAiOptions,
): Promise<Outcome> {
  const type = { "content-type": headers["content-type"] ?? "" };
  const form = await new Response(body, { headers: type }).formData();
  const parsed = Upload.safeParse(Object.fromEntries(form));
  if (!parsed.success) return { error: { status: 400, message: z.prettifyError(parsed.error) } };
  const { file, model, language, "languages[]": languages, stream } = parsed.data;
  const newest = model.startsWith("gpt-transcribe");
  if (newest ? language !== undefined : languages !== undefined) {
    return { error: { status: 400, message: `${model} takes language${newest ? "s" : ""}` } };
  }
  const { samples, sampleRate } = decodeWav(new Uint8Array(await file.arrayBuffer()));
  if (sampleRate !== SAMPLE_RATE) {
    throw new TypeError(`Not the recogniser's rate: ${sampleRate} Hz`);
  }
  const text = typeof hears === "string" ? hears : hears(samples);
  const usage = { type: "duration", seconds: Math.ceil(samples.length / sampleRate) };
  if (stream !== "true" || !/^(gpt-|.+\/).*transcribe/.test(model)) return json({ text, usage });
  if (model.includes("/")) return chunks(text, model);
  return {
    headers: { "content-type": "text/event-stream; charset=utf-8" },
    pieces: [
      ...(text.match(/\S+\s*/g) ?? []).map((delta) =>
        event({ type: "transcript.text.delta", delta })
      ),
      event({ type: "transcript.text.done", text, usage }),
      "data: [DONE]\n\n",
    ],
  };
}

function chunks(text: string, model: string): FakeAnswer {
  const chunk = (choice: Readonly<Record<string, unknown>>) =>
    `data: ${
      JSON.stringify({
        id: "trsc-1",
        object: "transcription.chunk",
        created: 1,
        model,
        choices: [choice],
      })
    }\n\n`;
  return {
    headers: { "content-type": "text/event-stream; charset=utf-8" },
    pieces: [
      ...(text.match(/\S+\s*/g) ?? []).map((content) => chunk({ delta: { content } })),
      chunk({ delta: { content: "" }, finish_reason: "stop", stop_reason: null }),
      "data: [DONE]\n\n",
    ],
  };
}

const VOICES = [
  "alloy",
  "ash",
  "ballad",
  "coral",
  "echo",
  "fable",
  "onyx",
  "nova",
  "sage",
  "shimmer",
  "verse",
  "marin",
  "cedar",
];

const SpeechRequest = z.strictObject({
  model: z.string().min(1),
  input: z.string().min(1).max(4096),
  voice: z.string(),
  response_format: z.enum(["mp3", "opus", "aac", "flac", "wav", "pcm"]).default("mp3"),
  speed: z.number().min(0.25).max(4).default(1),
});

/** Rate of OpenAI's speech, in Hz. */
const SPEECH_RATE = 24_000;

/** Of one character at natural speed, in s. */
const CHARACTER_S = 0.04;

/** A number of bytes that cuts samples in two. */
const PIECE_BYTES = 4095;

/** `POST /audio/speech`: a tone for each character, as raw samples or as a WAV file. */
export function speak(
  { body }: FakeRequest,
  { voices = VOICES, speech }: FakeOpenAiOptions,
): Outcome {
  const parsed = SpeechRequest.safeParse(JSON.parse(new TextDecoder().decode(body)));
  if (!parsed.success) return { error: { status: 400, message: z.prettifyError(parsed.error) } };
  const { input, voice, response_format: format, speed } = parsed.data;
  if (!voices.includes(voice)) {
    return {
      error: { status: 400, message: `Input should be one of ${voices}`, param: "voice" },
    };
  }
  if (speech) return { headers: { "content-type": speech.contentType }, pieces: cut(speech.bytes) };
  const samples = tones(input, { speed, pitch: voices.indexOf(voice) });
  return format === "wav"
    ? {
      headers: { "content-type": "audio/wav" },
      pieces: cut(encodeWav({ samples, sampleRate: SPEECH_RATE })),
    }
    : { headers: { "content-type": "audio/pcm" }, pieces: cut(encodeSamples(samples, "pcm16")) };
}

function tones(
  text: string,
  { speed, pitch }: { readonly speed: number; readonly pitch: number },
): Float32Array<ArrayBuffer> {
  const each = Math.round(CHARACTER_S * SPEECH_RATE / speed);
  return Float32Array.from({ length: text.length * each }, (_, i) => {
    const hz = 100 + 20 * pitch + 5 * (text.charCodeAt(Math.floor(i / each)) % 128);
    return 0.5 * Math.sin(2 * Math.PI * hz * i / SPEECH_RATE);
  });
}

function* cut(bytes: Uint8Array<ArrayBuffer>): Generator<Uint8Array<ArrayBuffer>> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) yield bytes.subarray(at, at + PIECE_BYTES);
}

function event(data: { readonly type: string; readonly [field: string]: unknown }): string {
  return `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
}
