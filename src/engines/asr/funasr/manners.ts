/**
 * What a server's silence means, behind the end of a round in which it heard no words. The protocol leaves that
 * open, and there are two sorts of servers:
 *
 * - The C++ runtime ends every round by a message, without words if need be, and newer Python servers acknowledge
 *   the end: where nothing comes, they hang.
 * - The Python server of many years sends nothing where there is no text: where nothing comes, it has nothing to
 *   say. It is the same for a cough, and for the second of silence that failover probes with.
 *
 * Which sort it is shows in what it says, and is remembered from one utterance to the next. Of a server that has
 * never said anything, silence is taken for an answer only where it was sent silence. Sound may have been words:
 * then it has failed, and another engine may hear them.
 */
export interface Manners {
  /** It said something, by which it ended a round, or showed that it does not end them so; or neither. */
  spoke(shown: "ends rounds" | "ends none" | undefined): void;
  /** It cannot be reached any more: what comes back may be another. */
  forget(): void;
  /** Whether it ends every round by a message. */
  closesRounds(): boolean;
  /** Whether it may have nothing to say, since it says nothing. */
  mayKeepSilent(sent: { readonly sound: boolean }): boolean;
}

/** Starts to learn the manners of a server. */
export function createManners(): Manners {
  let spoken = false;
  let closes = false;

  return {
    spoke(shown) {
      spoken = true;
      if (shown !== undefined) closes = shown === "ends rounds";
    },
    forget() {
      spoken = false;
      closes = false;
    },
    closesRounds: () => closes,
    mayKeepSilent: ({ sound }) => !closes && (spoken || !sound),
  };
}
