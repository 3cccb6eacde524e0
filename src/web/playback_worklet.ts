// Runs on the audio thread: sound from the wire in, the loudspeaker's blocks out.
import { PcmDecoder } from "@/web/pcm.ts";
import type { FromPlayback, ToPlayback } from "@/web/playback_messages.ts";
import { PlaybackQueue } from "@/web/playback_queue.ts";
import { scope } from "@/web/worklet_scope.ts";

/** How often the position is told while something sounds, in ms. */
const POSITION_EVERY_MS = 100;

class PlaybackProcessor extends scope.AudioWorkletProcessor {
  readonly #queue = new PlaybackQueue(scope.sampleRate);
  #decoder = new PcmDecoder(scope.sampleRate);
  #samplesUntold = 0;

  constructor() {
    super();
    this.port.onmessage = ({ data }: MessageEvent<ToPlayback>) => {
      if (data.type === "play") {
        this.#queue.push(data.itemId, this.#decoder.decode(data.pcm));
      } else {
        this.#decoder = new PcmDecoder(scope.sampleRate); // the old sound's tail must not reach the next
        this.#tell({ type: "cleared", played: this.#queue.clear() });
      }
    };
  }

  process(_inputs: Float32Array[][], [output]: Float32Array[][]): boolean {
    const block = output?.[0];
    if (block === undefined) return true;
    const sounding = !this.#queue.empty;
    this.#queue.render(block);
    if (!sounding) return true;
    this.#samplesUntold += block.length;
    if (this.#samplesUntold / scope.sampleRate * 1000 >= POSITION_EVERY_MS) {
      this.#samplesUntold = 0;
      this.#tell({ type: "position", played: this.#queue.played });
    }
    if (this.#queue.empty) this.#tell({ type: "drained" });
    return true;
  }

  #tell(message: FromPlayback): void {
    this.port.postMessage(message);
  }
}

scope.registerProcessor("playback", PlaybackProcessor);
