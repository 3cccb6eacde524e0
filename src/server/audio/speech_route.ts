import { setImmediate } from "node:timers/promises";
import { SPEECH_ENCODERS, SPEECH_RATE, type SpeechFormat } from "@/audio/speech_encoders.ts";
import type { Config } from "@/config.ts";
import type { Engines } from "@/conversation/context.ts";
import type { ReplyPart } from "@/engines/llm/engine.ts";
import { generatorStage } from "@/pipeline/generator_stage.ts";
import { SentenceStream } from "@/pipeline/sentence_stream.ts";
import { type SpeechPart, synthesize } from "@/pipeline/synthesize.ts";
import { SpeechFile, SpeechRequest } from "@/server/audio/speech_request.ts";
import { begun } from "@/server/begun.ts";
import { EventStream, eventStreamResponse, type StreamEvent } from "@/server/event_stream.ts";
import { readJson } from "@/server/json_body.ts";
import type { Route } from "@/server/route.ts";

/** What speaking takes. */
export interface SpeechRouteOptions extends Pick<Config, "language"> {
  /** Resolves before the server is ready. */
  readonly engines: Promise<Pick<Engines, "tts">>;
  /** Aborts when the server ends. */
  readonly stopping: AbortSignal;
}

const MEDIA_TYPES: Readonly<Record<SpeechFormat, string>> = {
  mp3: "audio/mpeg",
  opus: "audio/ogg; codecs=opus",
  wav: "audio/wav",
  pcm: "audio/pcm",
};

/** `/v1/audio/speech`: how a text sounds. */
export function speechRoute({ engines, stopping, language }: SpeechRouteOptions): Route {
  return {
    method: "POST",
    path: "/v1/audio/speech",
    countsAs: "turn",
    summary: "Speaks a text.",
    request: { "application/json": SpeechRequest },
    response: {
      "audio/mpeg": SpeechFile,
      "audio/ogg": SpeechFile,
      "audio/wav": SpeechFile,
      "audio/pcm": SpeechFile,
      "text/event-stream": EventStream,
    },
    refusals: { 400: "A field is wrong." },
    async handle({ request }) {
      const { tts } = await engines;
      const { input, voice, speed, ...asked } = await readJson(request, SpeechRequest);
      const signal = AbortSignal.any([request.signal, stopping]);
      const reply: readonly ReplyPart[] = [{ kind: "text", text: input }];

      const speech = ReadableStream.from(reply)
        .pipeThrough(new SentenceStream())
        .pipeThrough(
          synthesize(tts, { signal, voice, speed, language, sampleRate: SPEECH_RATE }),
        );
      const bytes = (await begun(speech)).pipeThrough(encode(asked.response_format));
      if (asked.stream_format === "sse") {
        return eventStreamResponse(bytes.pipeThrough(toEvents()), { signal });
      }
      return new Response(bytes, {
        headers: { "content-type": MEDIA_TYPES[asked.response_format] },
      });
    },
  };
}

/** The speech as a file, written while it is spoken. Between two pieces others have their turn, the socket among them. */
function encode(
  format: SpeechFormat,
): ReadableWritablePair<Uint8Array<ArrayBuffer>, SpeechPart> {
  return generatorStage(
    (parts: ReadableStream<SpeechPart>) => SPEECH_ENCODERS[format](samplesOf(parts)),
    { highWaterMark: 1 },
  );
}

async function* samplesOf(
  parts: ReadableStream<SpeechPart>,
): AsyncGenerator<Float32Array<ArrayBuffer>> {
  for await (const part of parts) {
    if (part.kind === "speech" && part.samples.length > 0) {
      yield part.samples;
      await setImmediate();
    }
  }
}

type SpeechEvent =
  & StreamEvent
  & (
    | { readonly type: "speech.audio.delta"; readonly audio: string }
    | { readonly type: "speech.audio.done" }
  );

function toEvents(): TransformStream<Uint8Array<ArrayBuffer>, SpeechEvent> {
  return new TransformStream({
    transform: (bytes, controller) =>
      controller.enqueue({ type: "speech.audio.delta", audio: bytes.toBase64() }),
    flush: (controller) => controller.enqueue({ type: "speech.audio.done" }),
  });
}
