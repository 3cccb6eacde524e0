import type { Played } from "@/web/player.ts";

/** How long sound takes to fade when it is cleared: a hard cut clicks. */
const FADE_MS = 5;

/** Sound that waits, and the item it belongs to. */
interface Chunk {
  readonly itemId: string;
  readonly samples: Float32Array;
}

/** The sound between the network and the loudspeaker; knows how much of which item has left. */
export class PlaybackQueue {
  readonly #rate: number;
  #chunks: Chunk[] = [];
  /** Samples of the first chunk that have left. */
  #offset = 0;
  /** What is left of sound that was cleared. */
  #fading: Float32Array = new Float32Array();
  #itemId: string | undefined;
  #itemSamples = 0;

  /** The rate of the loudspeaker, in Hz. */
  constructor(rate: number) {
    this.#rate = rate;
  }

  /** Whether nothing waits. */
  get empty(): boolean {
    return this.#chunks.length === 0;
  }

  /** How far it got since it was last cleared; `undefined` when nothing sounded. */
  get played(): Played | undefined {
    if (this.#itemId === undefined) return undefined;
    return { itemId: this.#itemId, playedMs: this.#itemSamples / this.#rate * 1000 };
  }

  /** Queues sound behind what waits. */
  push(itemId: string, samples: Float32Array): void {
    if (samples.length > 0) this.#chunks.push({ itemId, samples });
  }

  /** Fills a block for the loudspeaker; with silence where nothing waits. */
  render(block: Float32Array): void {
    const fading = Math.min(this.#fading.length, block.length);
    block.set(this.#fading.subarray(0, fading));
    this.#fading = this.#fading.subarray(fading);
    block.fill(0, fading + this.#take(block.subarray(fading)));
  }

  /** Drops what waits, but for a fade too short to hear. Returns how far it got. */
  clear(): Played | undefined {
    const { played } = this;
    const fading = new Float32Array(Math.round(this.#rate * FADE_MS / 1000));
    this.#take(fading);
    this.#fading = fading.map((sample, i) => sample * (1 - (i + 1) / fading.length));
    this.#chunks = [];
    this.#offset = 0;
    this.#itemId = undefined;
    this.#itemSamples = 0;
    return played;
  }

  /** Moves waiting sound into a block. Returns how many samples there were. */
  #take(block: Float32Array): number {
    let filled = 0;
    while (filled < block.length) {
      const [chunk] = this.#chunks;
      if (chunk === undefined) break;
      const part = chunk.samples.subarray(this.#offset, this.#offset + block.length - filled);
      block.set(part, filled);
      filled += part.length;
      this.#count(chunk.itemId, part.length);
      this.#offset += part.length;
      if (this.#offset < chunk.samples.length) break;
      this.#chunks.shift();
      this.#offset = 0;
    }
    return filled;
  }

  #count(itemId: string, samples: number): void {
    if (itemId !== this.#itemId) this.#itemSamples = 0;
    this.#itemId = itemId;
    this.#itemSamples += samples;
  }
}
