import { SAMPLE_RATE } from "@/audio/frame.ts";
import { readRecording } from "@/audio/read_recording.ts";
import { UnreadableAudio } from "@/audio/unreadable_audio.ts";
import type { Config } from "@/config.ts";
import type { Engines } from "@/conversation/context.ts";
import { InvalidRequest } from "@/errors.ts";
import { ObserveStream } from "@/pipeline/observe_stream.ts";
import { segmentRecording } from "@/pipeline/segment_recording.ts";
import { type TranscribedSegment, transcribeSegments } from "@/pipeline/transcribe_segments.ts";
import { TranscriptionRequest } from "@/server/audio/transcription_request.ts";
import {
  AnyTranscription,
  TRANSCRIPTION_TYPES,
  TranscriptionText,
  transcriptionText,
} from "@/server/audio/transcription_response.ts";
import { countSpeech } from "@/server/audio/count_speech.ts";
import { begun } from "@/server/begun.ts";
import { endedWithin } from "@/server/ended_within.ts";
import { EventStream, eventStreamResponse, type StreamEvent } from "@/server/event_stream.ts";
import { readForm } from "@/server/form_body.ts";
import type { Verdict } from "@/server/limits/allowance.ts";
import type { RateLimiter } from "@/server/limits/rate_limiter.ts";
import { sendAway } from "@/server/limits/send_away.ts";
import { createUploads, type Uploads } from "@/server/limits/uploads.ts";
import type { Route } from "@/server/route.ts";

/** What writing recordings down takes. */
export interface TranscriptionsRouteOptions extends Pick<Config, "language"> {
  /** Resolves before the server is ready. */
  readonly engines: Promise<Pick<Engines, "vad" | "asr">>;
  /** Aborts when the server ends. */
  readonly stopping: AbortSignal;
  /** Of speech, in seconds. Absent: as much as they like. */
  readonly speech?: RateLimiter | undefined;
  /** How many may be sent at once. @default {as many as the machine can do} */
  readonly uploads?: Uploads;
}

/** OpenAI's limit of 25 MiB for a file, and room for the fields beside it. */
const MAX_BODY_BYTES = 25 * 1024 * 1024 + 65_536;

/** An answer that takes longer is begun before it is known whether it will succeed, in ms. */
const PATIENCE_MS = 5000;

/** A few bytes can hold days of silence. */
const MAX_SECONDS = 4 * 3600;

/** `/v1/audio/transcriptions`: what is said in a recording. */
export function transcriptionsRoute(
  { engines, speech, stopping, uploads = createUploads(), language: defaultLanguage }:
    TranscriptionsRouteOptions,
): Route {
  return {
    method: "POST",
    path: "/v1/audio/transcriptions",
    countsAs: "turn",
    summary: "Writes down what is said in a recording.",
    request: { "multipart/form-data": TranscriptionRequest },
    response: {
      "application/json": AnyTranscription,
      "text/plain": TranscriptionText,
      "application/x-subrip": TranscriptionText,
      "text/vtt": TranscriptionText,
      "text/event-stream": EventStream,
    },
    refusals: { 400: "A field is wrong, or the file cannot be read." },
    maxBodyBytes: MAX_BODY_BYTES,
    async handle({ request, caller }) {
      const verdict = await speech?.ask(caller);
      if (verdict?.allowed === false) return tooMuchSpeech(verdict);
      const upload = uploads.enter(caller);
      if (upload instanceof Response) return upload;
      using untilRead = new DisposableStack();
      untilRead.use(upload);
      const { vad, asr } = await engines;
      const { file, language = defaultLanguage, prompt, ...asked } = await readForm(
        request,
        TranscriptionRequest,
      );
      const bytes = await file.bytes();
      const whileRead = untilRead.move();
      const signal = AbortSignal.any([request.signal, stopping]);
      let length = 0; // samples

      function measure(samples: Float32Array): void {
        length += samples.length;
        if (length > MAX_SECONDS * SAMPLE_RATE) {
          throw unreadable(`it is longer than ${MAX_SECONDS / 3600} hours`);
        }
      }

      const segments = ReadableStream.from(recordingOf(bytes, whileRead))
        .pipeThrough(new ObserveStream(measure))
        .pipeThrough(segmentRecording(vad, { signal }))
        .pipeThrough(countSpeech(async (seconds) => await speech?.charge(caller, seconds)))
        .pipeThrough(
          transcribeSegments(asr, { signal, language, ...(prompt !== undefined && { prompt }) }),
        );
      if (asked.stream === "true") {
        const events = ReadableStream.from(eventsOf(segments));
        return eventStreamResponse(await begun(events), { signal });
      }
      const text = ReadableStream.from(
        transcriptionText(segments, {
          format: asked.response_format,
          language,
          seconds: () => length / SAMPLE_RATE,
        }),
      );
      const headers = { "content-type": TRANSCRIPTION_TYPES[asked.response_format] };
      const result = await endedWithin(text, PATIENCE_MS);
      return result.kind === "ended"
        ? new Response(result.parts.join("").trimStart(), { headers })
        : new Response(result.stream.pipeThrough(new TextEncoderStream()), { headers });
    },
  };
}

/** Decodes a recording, and disposes of what it needs when it is at its end. */
async function* recordingOf(
  file: Uint8Array<ArrayBuffer>,
  whileRead: Disposable,
): AsyncGenerator<Float32Array> {
  using _ = whileRead;
  try {
    yield* readRecording(file, { sampleRate: SAMPLE_RATE });
  } catch (error) {
    throw error instanceof UnreadableAudio ? unreadable(error.message) : error;
  }
}

function tooMuchSpeech({ retryAfterMs }: Verdict): Response {
  const retryAfterS = Math.ceil(retryAfterMs / 1000);
  return sendAway(429, {
    code: "rate_limit_exceeded",
    message: `You have had as much speech written down as you may. Try again in ${retryAfterS} s.`,
    retryAfterS,
  });
}

function unreadable(why: string): InvalidRequest {
  return new InvalidRequest(`Cannot read the recording in 'file': ${why}.`, {
    code: "invalid_value",
    param: "file",
  });
}

/** The text as it grows, then all of it. */
async function* eventsOf(
  segments: ReadableStream<TranscribedSegment>,
): AsyncGenerator<TranscriptionEvent> {
  let text = "";
  for await (const segment of segments) {
    const delta = text === "" ? segment.text : ` ${segment.text}`;
    text += delta;
    yield { type: "transcript.text.delta", delta };
  }
  yield { type: "transcript.text.done", text };
}

type TranscriptionEvent =
  & StreamEvent
  & (
    | { readonly type: "transcript.text.delta"; readonly delta: string }
    | { readonly type: "transcript.text.done"; readonly text: string }
  );
