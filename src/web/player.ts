/** How far a reply was played. */
export interface Played {
  /** The item that sounded last. */
  readonly itemId: string;
  /** How much of its sound left for the loudspeaker, in ms. */
  readonly playedMs: number;
}

/** What plays the replies: a loudspeaker, as the client sees it. */
export interface Player {
  /** Queues sound of an item, behind what is queued: 16-bit little-endian mono PCM at 24 kHz, whole samples. */
  play(itemId: string, pcm: ArrayBuffer): void;
  /**
   * Falls silent at once and drops what is queued; what is queued after this call is played. Never rejects.
   *
   * @returns How far it got since it last fell silent; `undefined` when nothing sounded.
   */
  clear(): Promise<Played | undefined>;
  /** Calls back whenever the queue runs dry. */
  onDrained(listener: () => void): void;
}

/** Rate of all sound between client and server, in Hz. */
export const WIRE_RATE = 24_000;

/** Bytes of one ms of sound on the wire. */
export const BYTES_PER_MS = WIRE_RATE * 2 / 1000;
