import { FRAME_MS, FRAME_SAMPLES, type MarkedFrame, SAMPLE_RATE } from "@/audio/frame.ts";

/**
 * Silence kept before the words: 0.15 s. Room noise around them can make a recogniser hear nothing, and Moonshine
 * mishears more words with 0.2 s or more of it in front, or with none (`shared/speech`).
 */
const LEAD_SAMPLES = 0.15 * SAMPLE_RATE;

/** Frames that hold the lead. */
const LEAD_FRAMES = Math.ceil(LEAD_SAMPLES / FRAME_SAMPLES);

/** Silence kept behind the words: 0.2 s, as far as it is there when the eager run begins. */
const TAIL_SAMPLES = 0.2 * SAMPLE_RATE;

/** A pause this long may be the end: a good time to begin the eager run. */
const EAGER_FRAMES = frames(160);

/** A pause this long ends a piece. A shorter one may be in the middle of a sentence, which helps to understand both halves. */
const LONG_PAUSE_FRAMES = frames(2000);

/** Longest piece: small recognisers begin to loop somewhat beyond 30 s. */
const LONGEST_FRAMES = frames(25_000);

/** Where in a piece that is too long the cut may fall: so far before its end. */
const CUT_FRAMES = frames(5000);

/** What a frame changed. */
export type PieceChange =
  /** Nothing: silence goes on. */
  | { readonly kind: "silence" }
  /** There is more speech in the piece, without a pause before it. */
  | { readonly kind: "speech" }
  /** Speech began, or went on after a pause: text made in the pause is stale. */
  | { readonly kind: "resumed" }
  /** The speaker has paused for as long as the eager run waits. */
  | { readonly kind: "paused" }
  /** The pause is so long that the piece ends here, whatever follows. */
  | { readonly kind: "ended"; readonly samples: Float32Array<ArrayBuffer> }
  /** The piece grew too long. These are the samples before its cut; the others begin the next piece. */
  | { readonly kind: "cut"; readonly samples: Float32Array<ArrayBuffer> };

/** Divides one utterance into the pieces that are recognised, each with a short pad around its speech. */
export interface Pieces {
  /** Takes the next frame, and says what it changed. */
  push(frame: MarkedFrame): PieceChange;
  /** The open piece as it stands; `undefined` if nothing was said in it. */
  samples(): Float32Array<ArrayBuffer> | undefined;
}

/** Begins an utterance. */
export function createPieces(): Pieces {
  /** The lead before the first word, then everything. */
  let piece: MarkedFrame[] = [];
  /** Frames up to and with the last speech; 0 as long as there was none. */
  let spoken = 0;
  /** Frames before the first speech. */
  let silent = 0;

  /** The speech and its pad, to the sample; of the first frames only, where the piece is to be cut. */
  function trimmed(frames = piece.length): Float32Array<ArrayBuffer> {
    const samples = join(piece.slice(0, frames));
    const start = Math.max(0, silent * FRAME_SAMPLES - LEAD_SAMPLES);
    return samples.slice(start, spoken * FRAME_SAMPLES + TAIL_SAMPLES);
  }

  function restart(rest: readonly MarkedFrame[]): void {
    piece = [];
    spoken = 0;
    for (const frame of rest) add(frame);
  }

  function add(frame: MarkedFrame): PieceChange {
    const pause = piece.length - spoken;
    piece.push(frame);
    if (frame.mark !== "pause") {
      const resumed = spoken === 0 || pause > 0;
      if (spoken === 0) silent = piece.length - 1;
      spoken = piece.length;
      return { kind: resumed ? "resumed" : "speech" };
    }
    if (spoken === 0) {
      if (piece.length > LEAD_FRAMES) piece.shift();
      return { kind: "silence" };
    }
    return { kind: pause + 1 === EAGER_FRAMES ? "paused" : "silence" };
  }

  return {
    push(frame) {
      const change = add(frame);
      if (spoken === 0) return change;
      if (piece.length - spoken === LONG_PAUSE_FRAMES) {
        const ended = trimmed();
        restart(piece.slice(spoken));
        return { kind: "ended", samples: ended };
      }
      if (piece.length < LONGEST_FRAMES) return change;
      const cut = quietest(piece, LONGEST_FRAMES - CUT_FRAMES);
      const before = trimmed(cut);
      restart(piece.slice(cut));
      return { kind: "cut", samples: before };
    },
    samples: () => spoken === 0 ? undefined : trimmed(),
  };
}

/** Index of the frame least like speech, from `start` on. */
function quietest(piece: readonly MarkedFrame[], start: number): number {
  let best = start;
  for (let i = start; i < piece.length; i++) {
    if (piece[i]!.probability < piece[best]!.probability) best = i;
  }
  return best;
}

function join(piece: readonly MarkedFrame[]): Float32Array<ArrayBuffer> {
  const joined = new Float32Array(piece.reduce((sum, { samples }) => sum + samples.length, 0));
  let at = 0;
  for (const { samples } of piece) {
    joined.set(samples, at);
    at += samples.length;
  }
  return joined;
}

function frames(ms: number): number {
  return Math.round(ms / FRAME_MS);
}
