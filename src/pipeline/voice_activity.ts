import { FRAME_MS } from "@/audio/frame.ts";

/**
 * Whether somebody speaks, as far as a stream of probabilities tells.
 *
 * - `quiet`: nobody speaks
 * - `starting`: perhaps somebody does; undecided until the minimum of speech is reached
 * - `speaking`: somebody speaks
 * - `pausing`: they have stopped; only the listener's owner knows whether for good
 */
export type VoiceActivity =
  | { readonly kind: "quiet" }
  | { readonly kind: "starting"; readonly windows: number }
  | { readonly kind: "speaking" }
  | { readonly kind: "pausing"; readonly windows: number };

/** The state to begin with, and to go back to when a turn has ended. */
export const QUIET: VoiceActivity = { kind: "quiet" };

/**
 * What one window was.
 *
 * - `quiet`: silence while nobody speaks
 * - `onset`: perhaps speech; too little so far to tell it from a cough
 * - `misfire`: silence, and what sounded like speech before it was too short: a cough. Nothing else happens
 * - `started`: the minimum of speech is reached in this very window
 * - `speech`: more of it
 * - `pause`: silence after speech
 * - `resume`: the first speech after a pause
 */
export type VoiceEvent =
  | "quiet"
  | "onset"
  | "misfire"
  | "started"
  | "speech"
  | "pause"
  | "resume";

/** When a window counts as speech, and how many make it so. */
export interface VoiceActivityOptions {
  /** Probability from which a window begins or resumes speech, 0 to 1. It ends {@linkcode HYSTERESIS} lower. */
  readonly threshold: number;
  /** Speech shorter than this is a cough. In ms; counted in whole windows, to the nearest, at least one. */
  readonly minSpeechMs: number;
}

/** Threshold where nobody names one: Silero's own. */
export const DEFAULT_THRESHOLD = 0.5;

/** How far below the threshold speech ends: Silero's own, so that a soft syllable does not end a word. */
export const HYSTERESIS = 0.15;

/**
 * Minimum of speech where nobody names one, in ms: three windows. On 40 recordings of speech and noise it missed no
 * speech and took no noise for speech; with four windows the first word of one was lost.
 */
export const DEFAULT_MIN_SPEECH_MS = 100;

/** Below this a window is silence whatever the threshold: else a threshold under the hysteresis never ends. */
const MIN_RELEASE = 0.01;

/** The state after one more window, and what that window was. Pure. */
export function voiceActivity(
  state: VoiceActivity,
  probability: number,
  { threshold, minSpeechMs }: VoiceActivityOptions,
): { readonly state: VoiceActivity; readonly event: VoiceEvent } {
  const attack = probability >= threshold;
  const hold = probability >= Math.max(MIN_RELEASE, threshold - HYSTERESIS);
  switch (state.kind) {
    case "quiet":
      return attack ? speechFor(1, minSpeechMs) : { state: QUIET, event: "quiet" };
    case "starting":
      return hold ? speechFor(state.windows + 1, minSpeechMs) : { state: QUIET, event: "misfire" };
    case "speaking":
      return hold
        ? { state, event: "speech" }
        : { state: { kind: "pausing", windows: 1 }, event: "pause" };
    case "pausing":
      return attack
        ? { state: { kind: "speaking" }, event: "resume" }
        : { state: { kind: "pausing", windows: state.windows + 1 }, event: "pause" };
  }
}

function speechFor(
  windows: number,
  minSpeechMs: number,
): { readonly state: VoiceActivity; readonly event: VoiceEvent } {
  return windows >= Math.round(minSpeechMs / FRAME_MS)
    ? { state: { kind: "speaking" }, event: "started" }
    : { state: { kind: "starting", windows }, event: "onset" };
}
