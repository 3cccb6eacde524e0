import { FRAME_MS, type MarkedFrame } from "@/audio/frame.ts";

/** Silence that goes before the first word: recognisers hear it better than a start out of nothing. */
const LEAD_FRAMES = Math.round(320 / FRAME_MS);

/**
 * A pause this long ends a round, so that the server corrects what was said while the user may still be silent.
 * It is beyond the gaps between the words of fluent speech; the server's own limit, 800 ms, is beyond the end of
 * most turns.
 */
const PAUSE_FRAMES = Math.round(256 / FRAME_MS);

/** What a frame means to the server. */
export type RoundStep =
  /** Nothing: it is silence between rounds. */
  | { readonly kind: "silence" }
  /** A round begins with these frames, goes on with them, or ends with them. */
  | { readonly kind: "begun" | "more" | "ended"; readonly frames: readonly MarkedFrame[] };

/** Finds the rounds in an utterance. */
export interface Rounds {
  /** Says what the next frame means. */
  push(frame: MarkedFrame): RoundStep;
}

/** Begins an utterance: speech with short pauses in it is one round, silence beyond them is left out. */
export function createRounds(): Rounds {
  let lead: MarkedFrame[] = [];
  let open = false;
  let pause = 0;

  return {
    push(frame) {
      const speech = frame.mark !== "pause";
      if (!open && !speech) {
        lead = [...lead, frame].slice(-LEAD_FRAMES);
        return { kind: "silence" };
      }
      if (!open) {
        const frames = [...lead, frame];
        lead = [];
        pause = 0;
        open = true;
        return { kind: "begun", frames };
      }
      pause = speech ? 0 : pause + 1;
      open = pause < PAUSE_FRAMES;
      return { kind: open ? "more" : "ended", frames: [frame] };
    },
  };
}
