import type { VoiceActivityDetector } from "@/engines/vad/engine.ts";

/** A detector to which whatever is loud is speech: certain from a peak of 0.1 on, certainly not below. */
export const loudnessDetector: VoiceActivityDetector = {
  name: "loudness",
  listen: ({ signal }) => (frame) => {
    signal.throwIfAborted();
    return Promise.resolve(frame.some((sample) => Math.abs(sample) >= 0.1) ? 1 : 0);
  },
  [Symbol.asyncDispose]: () => Promise.resolve(),
};
