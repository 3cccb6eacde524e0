import { FRAME_MS, FRAME_SAMPLES } from "@/audio/frame.ts";
import type { VoiceActivityDetector } from "@/engines/vad/engine.ts";

/** Open microphones that listen at once while the detector is measured, and frames that each of them hears. */
const STREAMS = 32;
const FRAMES = 24;

/**
 * Part of the detector's time that sessions may take. What is left rides out stalls: measured on 2 cores, 125
 * microphones keep a p99 lag below 100 ms, and 150 do not.
 */
const UTILISATION = 0.75;

/**
 * How many open microphones this machine can listen to at once: the voice activity detector hears every one of
 * them all the time, everything else only those who speak. Takes about a third of a second. The quickest round
 * counts: whatever else the machine does at its start slows the others down.
 *
 * @returns at least 1
 */
export async function measureCapacity(
  vad: VoiceActivityDetector,
  now: () => number = () => performance.now(),
): Promise<number> {
  const over = new AbortController();
  const streams = Array.from({ length: STREAMS }, () => vad.listen({ signal: over.signal }));
  let quickestMs = Infinity;
  for (let i = 0; i < FRAMES; i++) {
    const startedAt = now();
    await Promise.all(streams.map((hear) => hear(new Float32Array(FRAME_SAMPLES))));
    quickestMs = Math.min(quickestMs, now() - startedAt);
  }
  over.abort();
  return Math.max(1, Math.floor(UTILISATION * FRAME_MS * STREAMS / quickestMs));
}
