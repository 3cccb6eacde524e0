import type { FrameMark } from "@/audio/frame.ts";
import type { HeardFrame } from "@/pipeline/utterance.ts";
import {
  QUIET,
  type VoiceActivity,
  voiceActivity,
  type VoiceActivityOptions,
  type VoiceEvent,
} from "@/pipeline/voice_activity.ts";

/** A frame of which it is not decided yet whether it is speech. */
export type UnmarkedFrame = Omit<HeardFrame, "mark">;

/** What one more frame decided. */
export interface Marked {
  readonly event: VoiceEvent;
  readonly state: VoiceActivity;
  /** The frames that are decided now, in order: none, this one, or this one and those held back before it. */
  readonly frames: readonly HeardFrame[];
}

/** Marks the frames of one stream. */
export interface FrameMarker {
  mark(frame: UnmarkedFrame, options: VoiceActivityOptions): Marked;
  /** Frames held back: possible speech, shorter than the minimum so far. */
  held(): readonly UnmarkedFrame[];
  /** Gives out the frames held back as speech, and begins anew. */
  release(): HeardFrame[];
}

/** Marks frames by their probability. Holds the few undecided ones back until it is known what they are. */
export function createFrameMarker(): FrameMarker {
  let state = QUIET;
  const held: UnmarkedFrame[] = [];

  function decide(mark: FrameMark): HeardFrame[] {
    return held.splice(0).map((frame) => ({ ...frame, mark }));
  }

  function decided(event: VoiceEvent): HeardFrame[] {
    switch (event) {
      case "onset":
        return [];
      case "quiet":
      case "misfire":
      case "pause":
        return decide("pause");
      case "started":
      case "speech":
        return decide("speech");
      case "resume":
        return decide("resume");
    }
  }

  return {
    mark(frame, options) {
      const next = voiceActivity(state, frame.probability, options);
      state = next.state;
      held.push(frame);
      return { ...next, frames: decided(next.event) };
    },
    held: () => held,
    release() {
      state = QUIET;
      return decide("speech");
    },
  };
}
