import { z } from "zod";
import type { TranscribedSegment } from "@/pipeline/transcribe_segments.ts";
import type { TranscriptionFormat } from "@/server/audio/transcription_request.ts";

/** What OpenAI's API counts a transcription by. */
export const AudioUsage = z.object({
  type: z.literal("duration"),
  seconds: z.number().int().describe("Length of the recording, rounded up."),
});

/** What is said in a recording. */
export const Transcription = z.object({ text: z.string(), usage: AudioUsage })
  .meta({ title: "Transcription" });

/** A stretch of speech. Times are seconds; what OpenAI's model tells of itself is not known here and neutral. */
export const TranscriptionSegment = z.object({
  id: z.number().int(),
  seek: z.literal(0),
  start: z.number(),
  end: z.number(),
  text: z.string(),
  tokens: z.array(z.number()).length(0),
  temperature: z.literal(0),
  avg_logprob: z.literal(0),
  compression_ratio: z.literal(1),
  no_speech_prob: z.literal(0),
});

/** What is said in a recording, and when. */
export const VerboseTranscription = z.object({
  task: z.literal("transcribe"),
  language: z.string().describe("In English, lower case."),
  duration: z.number().describe("Seconds."),
  text: z.string(),
  segments: z.array(TranscriptionSegment),
  usage: AudioUsage,
}).meta({ title: "VerboseTranscription" });

/** {@linkcode Transcription}, or {@linkcode VerboseTranscription} where it is asked for. */
export const AnyTranscription = z.union([Transcription, VerboseTranscription])
  .meta({ title: "AnyTranscription" });

/** What is said, bare or as subtitles. */
export const TranscriptionText = z.string().meta({ title: "TranscriptionText" });

/** A recording that has been written down. */
export interface TranscribedRecording {
  /** In their order. */
  readonly segments: readonly TranscribedSegment[];
  /** Of all of it, silence included. */
  readonly seconds: number;
  /** BCP 47 tag. */
  readonly language: string;
}

/** Answers with a transcription, in the format that was asked for. */
export function transcriptionResponse(
  recording: TranscribedRecording,
  format: TranscriptionFormat,
): Response {
  switch (format) {
    case "json":
      return Response.json({ text: textOf(recording), usage: usageOf(recording) });
    case "verbose_json":
      return Response.json(toVerbose(recording));
    case "text":
      return new Response(`${textOf(recording)}\n`);
    case "srt":
      return new Response(toSrt(recording), {
        headers: { "content-type": "application/x-subrip; charset=utf-8" },
      });
    case "vtt":
      return new Response(toVtt(recording), {
        headers: { "content-type": "text/vtt; charset=utf-8" },
      });
  }
}

function textOf({ segments }: TranscribedRecording): string {
  return segments.map(({ text }) => text).join(" ");
}

function usageOf({ seconds }: TranscribedRecording): z.infer<typeof AudioUsage> {
  return { type: "duration", seconds: Math.ceil(seconds) };
}

function toVerbose(recording: TranscribedRecording): z.infer<typeof VerboseTranscription> {
  const { segments, seconds, language } = recording;
  const names = new Intl.DisplayNames("en", { type: "language" });
  return {
    task: "transcribe",
    language: names.of(language)?.toLowerCase() ?? language,
    duration: seconds,
    text: textOf(recording),
    segments: segments.map(({ startMs, endMs, text }, id) => ({
      id,
      seek: 0,
      start: startMs / 1000,
      end: endMs / 1000,
      text,
      tokens: [],
      temperature: 0,
      avg_logprob: 0,
      compression_ratio: 1,
      no_speech_prob: 0,
    })),
    usage: usageOf(recording),
  };
}

function toSrt({ segments }: TranscribedRecording): string {
  return segments.map(({ startMs, endMs, text }, i) =>
    `${i + 1}\n${timestamp(startMs, ",")} --> ${timestamp(endMs, ",")}\n${oneLine(text)}\n\n`
  ).join("");
}

function toVtt({ segments }: TranscribedRecording): string {
  const cues = segments.map(({ startMs, endMs, text }) =>
    `${timestamp(startMs, ".")} --> ${timestamp(endMs, ".")}\n${oneLine(text)}\n\n`
  );
  return `WEBVTT\n\n${cues.join("")}`;
}

/** `01:02:03,456`, whose last mark is what SubRip and WebVTT differ in. */
function timestamp(ms: number, mark: "," | "."): string {
  const whole = Math.round(ms);
  const parts = [whole / 3_600_000, whole / 60_000 % 60, whole / 1000 % 60];
  const clock = parts.map((part) => String(Math.floor(part)).padStart(2, "0")).join(":");
  return `${clock}${mark}${String(whole % 1000).padStart(3, "0")}`;
}

/** Neither an empty line nor an arrow, which would end the text of a subtitle. */
function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").replaceAll("-->", "→");
}
