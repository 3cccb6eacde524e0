import type { SessionSettings } from "@/conversation/settings.ts";
import type { Detection } from "@/pipeline/detect_utterances.ts";

/** The least speech of a turn, in ms, where the client does not say. Isolated digits last 250 ms. */
const MIN_SPEECH_MS = 100;

/** How the VAD listens under these settings. Semantic turns use its defaults. */
export function detectionOf({ audio: { input } }: SessionSettings): Detection {
  const denoise = input.noise_reduction !== null;
  const detection = input.turn_detection;
  if (detection === null) return { mode: "manual", denoise };
  const { threshold, prefix_padding_ms } = detection.type === "server_vad"
    ? detection
    : { threshold: 0.5, prefix_padding_ms: 300 };
  return {
    mode: "voice",
    threshold,
    prefixPaddingMs: prefix_padding_ms,
    minSpeechMs: detection.min_speech_ms ?? MIN_SPEECH_MS,
    denoise,
  };
}
