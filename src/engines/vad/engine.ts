import type { AudioFrame } from "@/audio/frame.ts";
import type { Engine } from "@/engines/engine.ts";

/**
 * Tells how likely each frame of one stream is speech, 0 to 1. Frames must come in order, one at a time:
 * the next call may start only when the last one has settled. Rejects once the stream's signal aborts.
 */
export type SpeechProbability = (frame: AudioFrame) => Promise<number>;

/** Tells speech from everything else. Many streams share its one model. */
export interface VoiceActivityDetector extends Engine {
  /** Opens a stream with a memory of its own, which ends with `signal`. */
  listen(options: { readonly signal: AbortSignal }): SpeechProbability;
}
