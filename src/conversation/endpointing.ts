import { type Completeness, completenessOf } from "@/conversation/completeness.ts";
import type { TurnDetection } from "@/conversation/settings.ts";

/** What is known of an utterance that may be over. */
export interface EndOfTurnInput {
  /** Silence so far, in ms. */
  readonly silenceMs: number;
  /** What was said before the silence; `undefined` while that is not known. */
  readonly transcript: string | undefined;
  /** How the session finds turns. */
  readonly detection: TurnDetection;
  /** Length of the speech in ms, where it is known: long speech takes longer to recognise. */
  readonly speechMs?: number;
}

type Eagerness = "low" | "medium" | "high";

/**
 * Silence that ends a turn, in ms. The longest is the protocol's. A finished sentence waits for little more than
 * the recogniser, so that its answer can come 450 ms after the last word; 250 ms are beyond the gaps between the
 * words of fluent speech. 800 ms are beyond most pauses for breath and thought.
 */
const WAITS_MS: Readonly<Record<Eagerness, Readonly<Record<Completeness, number>>>> = {
  low: { finished: 400, unsure: 1500, unfinished: 8000 },
  medium: { finished: 250, unsure: 800, unfinished: 4000 },
  high: { finished: 250, unsure: 500, unfinished: 2000 },
};

/** Share of the length of speech that recognising it may take: the embedded recogniser's 0.14 on a busy core. */
const RECOGNITION_SHARE = 0.2;

/** Silence after which recognition begins, in ms, with some to spare. */
const RECOGNITION_START_MS = 300;

/**
 * Whether the user's turn is over. `server_vad` counts the silence alone. `semantic_vad` answers a finished sentence
 * early and gives an unfinished one time, as much as the eagerness allows; while the words are not known it waits as
 * for a doubtful sentence, or as long as recognising them should take.
 */
export function endOfTurn(
  { silenceMs, transcript, detection, speechMs = 0 }: EndOfTurnInput,
): boolean {
  if (detection.type === "server_vad") return silenceMs >= detection.silence_duration_ms;

  const eagerness = detection.eagerness === "auto" ? "medium" : detection.eagerness;
  const waits = WAITS_MS[eagerness];
  if (transcript !== undefined) return silenceMs >= waits[completenessOf(transcript)];

  const recognitionMs = RECOGNITION_START_MS + RECOGNITION_SHARE * speechMs;
  return silenceMs >= Math.min(Math.max(waits.unsure, recognitionMs), waits.unfinished);
}
