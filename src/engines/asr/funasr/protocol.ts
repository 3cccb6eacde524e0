import { z } from "zod";
import { SAMPLE_RATE } from "@/audio/frame.ts";

/**
 * FunASR's WebSocket protocol for real-time recognition, from `runtime/docs/websocket_protocol.md` and its Chinese
 * edition (which has `svs_lang`) in modelscope/FunASR. A round is a first message, audio, and an end; a connection
 * may have several, one after the other, as FunASR's own clients do with a list of files.
 */

/** Samples of one binary message: 60 ms, as FunASR's own clients send. */
export const MESSAGE_SAMPLES = 0.06 * SAMPLE_RATE;

/**
 * The streaming model hears 10 × 60 ms at a time, with 5 × 60 ms more behind and before. The documentation's
 * example, and every client's default.
 */
const CHUNK_SIZE = [5, 10, 5];

/** The documentation's example. */
const HOTWORD_WEIGHT = 20;

/** Longer than this is a sentence, not a word or a name. In characters. */
const MAX_HOTWORD = 24;

/** Languages that SenseVoice, one of the models behind the server, can be told. Others it finds out itself. */
const SENSE_VOICE_LANGUAGES: readonly string[] = ["zh", "en", "yue", "ja", "ko"];

/** What a server is told of a round. */
export interface RoundHints {
  /** BCP 47 tag of what is spoken. */
  readonly language?: string;
  /** Words to expect, separated by commas or line ends; sentences among them are left out. */
  readonly prompt?: string;
}

/** The message that begins a round of speech: 16-bit PCM of 16 kHz, heard in two passes. */
export function beginMessage({ language, prompt = "" }: RoundHints): string {
  const spoken = language?.split("-")[0]?.toLowerCase() ?? "";
  const hotwords = hotwordsIn(prompt);
  return JSON.stringify({
    mode: "2pass",
    wav_name: "utterance",
    wav_format: "pcm",
    is_speaking: true,
    chunk_size: CHUNK_SIZE,
    audio_fs: SAMPLE_RATE,
    itn: true,
    ...(hotwords.length > 0 && {
      hotwords: JSON.stringify(Object.fromEntries(hotwords.map((word) => [word, HOTWORD_WEIGHT]))),
    }),
    ...(SENSE_VOICE_LANGUAGES.includes(spoken) && { svs_lang: spoken }),
  });
}

/**
 * The message that ends a round: its audio is complete. `is_end` asks newer Python servers to say when they have
 * told everything; others do not know it.
 */
export const END_MESSAGE: string = JSON.stringify({ is_speaking: false, is_end: true });

/**
 * What SenseVoice puts before its words: language, mood, event, and whether numbers are digits. The C++ server sends
 * it along: `<|zh|><|NEUTRAL|><|Speech|><|withitn|>你好`, and `<|nospeech|><|EMO_UNKNOWN|><|Event_UNK|>` for silence.
 */
const TAG = /<\|[^|<>]*\|>/g;

const message = z.object({
  mode: z.string().optional(),
  text: z.string().default(""),
  is_final: z.boolean().default(false),
  is_end: z.boolean().default(false),
  error: z.string().optional(),
});

/** What a server says. */
export interface FunAsrMessage {
  /**
   * - `online`: goes behind the texts since the last correction
   * - `correction`: replaces them, if it says anything
   * - `withdrawal`: SenseVoice heard no words where the streaming model did: they are void
   */
  readonly kind: "online" | "correction" | "withdrawal";
  /** Without the model's tags. May be empty. */
  readonly text: string;
  /** What `is_final` says, which servers take in two ways: see `createAnswers`. */
  readonly final: boolean;
  /** Whether it answers an `is_end`. */
  readonly end: boolean;
  /** Why the round failed. */
  readonly error: string | undefined;
}

/**
 * Reads what a server sent.
 *
 * @throws {z.ZodError | SyntaxError} If it is not of the protocol.
 */
export function readMessage(data: unknown): FunAsrMessage {
  const { mode, text, is_final, is_end, error } = message.parse(JSON.parse(z.string().parse(data)));
  const words = text.replaceAll(TAG, "").trim();
  const correction = words === "" && text.trim() !== "" ? "withdrawal" : "correction";
  return {
    kind: mode === "2pass-online" ? "online" : correction,
    text: words,
    final: is_final,
    end: is_end,
    error: error ?? (is_end && !is_final ? "it could not finish" : undefined),
  };
}

function hotwordsIn(prompt: string): string[] {
  return prompt.split(/[,，、;；\n]/u).map((word) => word.trim())
    .filter((word) => word !== "" && word.length <= MAX_HOTWORD && !/[.。!！?？:：]/u.test(word));
}
