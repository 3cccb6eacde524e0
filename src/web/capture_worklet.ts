// Runs on the audio thread: the microphone at the rate of the device in, 20 ms chunks for the wire out.
import { PcmEncoder } from "@/web/pcm.ts";
import { scope } from "@/web/worklet_scope.ts";

class CaptureProcessor extends scope.AudioWorkletProcessor {
  readonly #encoder = new PcmEncoder(scope.sampleRate);

  process([channels = []]: Float32Array[][]): boolean {
    for (const chunk of this.#encoder.encode(channels)) this.port.postMessage(chunk, [chunk]);
    return true;
  }
}

scope.registerProcessor("capture", CaptureProcessor);
