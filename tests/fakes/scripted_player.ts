import { BYTES_PER_MS, type Played, type Player } from "@/web/player.ts";

/** A loudspeaker that plays as much as a test says. */
export interface ScriptedPlayer extends Player {
  /** Everything it was given, as `item:ms`, and `clear`. */
  readonly log: readonly string[];
  /** The answer to the next `clear`. */
  played: Played | undefined;
  /** Everything has been played. */
  drain(): void;
}

/** Makes a loudspeaker that plays nothing. */
export function createScriptedPlayer(): ScriptedPlayer {
  const log: string[] = [];
  let drained = () => {};
  return {
    log,
    played: undefined,
    play(itemId, pcm) {
      log.push(`${itemId}:${pcm.byteLength / BYTES_PER_MS}`);
    },
    clear() {
      log.push("clear");
      return Promise.resolve(this.played);
    },
    onDrained(listener) {
      drained = listener;
    },
    drain: () => drained(),
  };
}
