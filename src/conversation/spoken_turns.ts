/** A turn that ended by itself, and asks for an answer. It is over when it is disposed of. */
export interface SpokenTurn extends Disposable {
  /** Enters whether anything was said in it. */
  heard(hasWords: boolean): void;
  /** Whether the user has said more since, or may have: that is answered together with this. */
  isFollowed(): boolean;
}

/** The spoken turns of a session, in their order. */
export interface SpokenTurns {
  /** The user has ended a turn. */
  begin(): SpokenTurn;
}

interface Turn {
  /** `undefined` while it is being written down. */
  hasWords: boolean | undefined;
  isOver: boolean;
}

/**
 * Keeps the turns, each until it and all before it are over: words may be written down, and turns admitted, in
 * another order than they were spoken.
 */
export function createSpokenTurns(): SpokenTurns {
  const turns: Turn[] = [];

  return {
    begin() {
      const turn: Turn = { hasWords: undefined, isOver: false };
      turns.push(turn);
      return {
        heard(hasWords) {
          turn.hasWords = hasWords;
        },
        isFollowed() {
          const later = turns.slice(turns.indexOf(turn) + 1);
          return later.some(({ hasWords }) => hasWords !== false);
        },
        [Symbol.dispose]() {
          turn.hasWords ??= false;
          turn.isOver = true;
          while (turns[0]?.isOver) turns.shift();
        },
      };
    },
  };
}
