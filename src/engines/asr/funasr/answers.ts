import { createManners, type Manners } from "@/engines/asr/funasr/manners.ts";
import type { FunAsrMessage } from "@/engines/asr/funasr/protocol.ts";
import { joinText } from "@/engines/asr/join_text.ts";

/** What a server has said of an utterance. */
export interface Answers {
  /** A round was ended: the server owes the rest of its text. */
  expect(): void;
  /** The server said something. */
  take(message: FunAsrMessage): void;
  /** All that was said, as far as it is known. */
  text(): string;
  /** Whether no round's answer is owed, and no text waits for its correction. */
  complete(): boolean;
  /**
   * Whether the server has perhaps said all, though it has not said so: old Python servers say nothing to the end of
   * a round whose text they have told already, or that has none.
   *
   * @param sent Whether there was any sound in the utterance.
   */
  perhapsComplete(sent: { readonly sound: boolean }): boolean;
}

/**
 * Puts together what a server says of one utterance.
 *
 * `is_final` has two meanings. By the documentation, and in the C++ server, it is true in the last message of a
 * round. The Python server of many years sends "is the user speaking?" under that name: true in every message but
 * the last. A server that says it before a round has ended, or takes it back, is of the second sort. Newer Python
 * servers acknowledge the end in a message of its own: where that comes, nothing else counts.
 *
 * @param manners What is known of the server, and what this utterance shows of it.
 */
export function createAnswers(manners: Manners = createManners()): Answers {
  let corrected = "";
  let uncorrected = "";
  let owed = 0;
  let meansSpeaking = false;
  let acknowledges = false;
  let saidFinal = false;

  function endsRound({ kind, final, end }: FunAsrMessage): boolean {
    acknowledges ||= end;
    if (acknowledges) return end && owed > 0;
    meansSpeaking ||= owed === 0 ? final : saidFinal && !final;
    return owed > 0 && kind !== "online" && final !== meansSpeaking;
  }

  return {
    expect() {
      owed++;
      saidFinal = false;
    },
    take(message) {
      const { kind, text, final } = message;
      const ends = endsRound(message);
      saidFinal = final && owed > 0 && !ends;
      if (ends && final) manners.spoke("ends rounds");
      else manners.spoke(meansSpeaking && !acknowledges ? "ends none" : undefined);
      if (kind === "online") uncorrected = joinText(uncorrected, text);
      else if (kind === "withdrawal") uncorrected = "";
      else if (text !== "") {
        corrected = joinText(corrected, text);
        uncorrected = "";
      }
      if (!ends) return;
      owed--;
      corrected = joinText(corrected, uncorrected);
      uncorrected = "";
    },
    text: () => joinText(corrected, uncorrected),
    complete: () => owed === 0 && uncorrected === "",
    perhapsComplete: (sent) =>
      (saidFinal && !meansSpeaking) ||
      (uncorrected === "" && !manners.closesRounds() &&
        (corrected !== "" || manners.mayKeepSilent(sent))),
  };
}
