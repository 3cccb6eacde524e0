import { BYTES_PER_MS, type Played } from "@/web/player.ts";

/** Where to cut an item: the user heard this much of it. */
export interface Cut {
  /** The item to truncate. */
  readonly itemId: string;
  /** Whole ms, never more than was received. */
  readonly audioEndMs: number;
}

/** What was received of the sound of one item. */
interface ReplySound {
  readonly itemId: string;
  readonly responseId: string;
  bytes: number;
  /** All of it is there. */
  complete: boolean;
}

/**
 * Knows which item the binary frames belong to, and how much of each item was received: what it takes to say
 * what an interruption cut off. Sound of an interrupted response that is still on its way is refused.
 */
export class ReplyAudio {
  /** Received, and not known to be played out. In playing order. */
  #sounds: ReplySound[] = [];
  /** The item the frames belong to now. */
  #open: ReplySound | undefined;
  #interrupted: string | undefined;

  /** Binary frames from here on are sound of this item. */
  begin(itemId: string, responseId: string): void {
    if (responseId === this.#interrupted) return;
    this.#open = { itemId, responseId, bytes: 0, complete: false };
    this.#sounds.push(this.#open);
  }

  /** The sound of the item is complete. */
  end(itemId: string): void {
    if (this.#open?.itemId !== itemId) return;
    this.#open.complete = true;
    this.#open = undefined;
  }

  /** Counts a frame. Returns the item it belongs to; `undefined` when nobody wants to hear it any more. */
  accept(frame: ArrayBuffer): string | undefined {
    if (this.#open === undefined) return undefined;
    this.#open.bytes += frame.byteLength;
    return this.#open.itemId;
  }

  /** All that was received has been played. */
  drained(): void {
    this.#sounds = this.#sounds.filter((sound) => !sound.complete);
  }

  /** No more sound comes on this connection. */
  disconnected(): void {
    for (const sound of this.#sounds) sound.complete = true;
    this.#open = undefined;
  }

  /**
   * Refuses what still comes of the running response, and hands over what was received up to now.
   *
   * @param responseId The response that runs, whose sound may not have begun.
   * @returns Given how far the player got, what to cut.
   */
  interrupt(responseId: string | undefined): (played: Played | undefined) => Cut[] {
    const sounds = this.#sounds;
    this.#sounds = [];
    this.#open = undefined;
    this.#interrupted = responseId;
    return (played) => cuts(sounds, played);
  }
}

function cuts(sounds: readonly ReplySound[], played: Played | undefined): Cut[] {
  const last = sounds.findIndex((sound) => sound.itemId === played?.itemId);
  return sounds.slice(Math.max(0, last)).flatMap((sound) => {
    const receivedMs = sound.bytes / BYTES_PER_MS;
    const playedMs = sound.itemId === played?.itemId ? played.playedMs : 0;
    if (receivedMs === 0 || sound.complete && playedMs >= receivedMs) return [];
    return [{ itemId: sound.itemId, audioEndMs: Math.floor(Math.min(playedMs, receivedMs)) }];
  });
}
