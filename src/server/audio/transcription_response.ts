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
interface TranscribedRecording {
  /** In their order. */
  readonly segments: readonly TranscribedSegment[];
  /** Of all of it, silence included. */
  readonly seconds: number;
  /** BCP 47 tag. */
  readonly language: string;
}

/** What a transcription is made of. */
export interface TranscriptionOptions {
  readonly format: TranscriptionFormat;
  /** BCP 47 tag. */
  readonly language: string;
  /** Length of the recording, known when its last segment is. */
  readonly seconds: () => number;
}

/** How an answer's format is called. */
export const TRANSCRIPTION_TYPES: Readonly<Record<TranscriptionFormat, string>> = {
  json: "application/json",
  verbose_json: "application/json",
  text: "text/plain; charset=utf-8",
  srt: "application/x-subrip; charset=utf-8",
  vtt: "text/vtt; charset=utf-8",
};

/**
 * Writes a transcription while it is made: a piece for each segment. JSON comes as a whole at the end, and as a space
 * for each segment before it.
 */
export async function* transcriptionText(
  segments: ReadableStream<TranscribedSegment>,
  { format, language, seconds }: TranscriptionOptions,
): AsyncGenerator<string> {
  const all: TranscribedSegment[] = [];
  if (format === "vtt") yield "WEBVTT\n\n";
  for await (const segment of segments) {
    yield pieceOf(segment, format, all.length);
    all.push(segment);
  }
  const recording = { segments: all, seconds: seconds(), language };
  if (format === "text") yield "\n";
  if (format === "json") {
    yield JSON.stringify({ text: textOf(recording), usage: usageOf(recording) });
  }
  if (format === "verbose_json") yield JSON.stringify(toVerbose(recording));
}

function pieceOf(segment: TranscribedSegment, format: TranscriptionFormat, index: number): string {
  switch (format) {
    case "json":
    case "verbose_json":
      return " ";
    case "text":
      return index === 0 ? segment.text : ` ${segment.text}`;
    case "srt":
      return `${index + 1}\n${cue(segment, ",")}`;
    case "vtt":
      return cue(segment, ".");
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

/** A subtitle; its times have a mark in which SubRip and WebVTT differ. */
function cue({ startMs, endMs, text }: TranscribedSegment, mark: "," | "."): string {
  return `${timestamp(startMs, mark)} --> ${timestamp(endMs, mark)}\n${oneLine(text)}\n\n`;
}

/** `01:02:03,456`. */
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
