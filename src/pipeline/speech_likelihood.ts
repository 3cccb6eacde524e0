import { createDenoiser, type Denoiser } from "@/audio/denoise.ts";
import type { AudioFrame } from "@/audio/frame.ts";
import type { VoiceActivityDetector } from "@/engines/vad/engine.ts";

/** How to ask a VAD. */
export interface SpeechLikelihoodOptions {
  readonly signal: AbortSignal;
  /** Told when the VAD begins to fail; again only after it has worked in between. */
  readonly onError: (error: unknown) => void;
}

/** One stream of frames, as a VAD hears it. */
export interface SpeechLikelihood extends Disposable {
  /**
   * How likely a frame is speech; 0 where the VAD fails or the signal aborts. Never rejects.
   *
   * @param denoise whether the VAD hears the frame without its noise
   */
  of(frame: AudioFrame, denoise: boolean): Promise<number>;
}

/** Opens a stream at a VAD that outlives the VAD's failures. */
export function openSpeechLikelihood(
  vad: VoiceActivityDetector,
  { signal, onError }: SpeechLikelihoodOptions,
): SpeechLikelihood {
  const probability = vad.listen({ signal });
  let denoiser: Denoiser | undefined;
  let failing = false;

  function quieten(): void {
    denoiser?.[Symbol.dispose]();
    denoiser = undefined;
  }

  return {
    async of(frame, denoise) {
      if (denoise) denoiser ??= createDenoiser();
      else quieten();
      try {
        const likely = await probability(denoiser?.process(frame) ?? frame);
        failing = false;
        return likely;
      } catch (error) {
        if (!failing && !signal.aborted) onError(error);
        failing = true;
        return 0;
      }
    },
    [Symbol.dispose]: quieten,
  };
}
