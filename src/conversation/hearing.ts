import { abortable } from "@std/async/abortable";
import { getLogger } from "@logtape/logtape";
import type { Answering } from "@/conversation/answering.ts";
import type { SessionContext } from "@/conversation/context.ts";
import { endOfTurn } from "@/conversation/endpointing.ts";
import { conversationFull } from "@/conversation/history.ts";
import { type IdleSilence, silenceNote } from "@/conversation/idle_timeout.ts";
import { newId } from "@/conversation/ids.ts";
import { createSpokenTurns } from "@/conversation/spoken_turns.ts";
import type { Heard, Transcripts } from "@/conversation/transcripts.ts";
import { tellLimits, tooManyTurns } from "@/conversation/turn_limit.ts";
import { unansweredTurn, userSpeech } from "@/conversation/user_speech.ts";
import { InvalidRequest } from "@/errors.ts";
import { withLogContext } from "@/telemetry/logging.ts";
import type { Utterance } from "@/pipeline/detect_utterances.ts";

const logger = getLogger(["chatai", "hearing"]);

/** Hears the user: makes items of utterances and asks for answers to them. Always ends in a transcript or a failure. */
export interface Hearing {
  /** Whether the utterance is over, given the silence at its end. For `detectUtterances`. */
  endOfTurn(utterance: Utterance, silenceMs: number): boolean;
  /** Hears every utterance, whatever becomes of the answers. Settles when the stream ends. */
  listen(utterances: ReadableStream<Utterance>): Promise<void>;
  /** The user has said nothing for too long: a turn of silence, which is answered. */
  timeOut(silence: IdleSilence): void;
  /** Settles when the utterance has become an item of the same id, or the session is over. */
  itemJoined(utteranceId: string): Promise<void>;
}

/** One utterance on its way to being an item. */
interface Pending {
  /** The text made in the present pause, as far as there is one. */
  eager: string | undefined;
  silenceMs: number;
}

/** Who writes down what is heard, and who answers it. */
export interface HearingOptions {
  readonly transcripts: Transcripts;
  readonly answering: Answering;
}

/** Starts hearing. What it hears goes to the context's client and history, and to `answering`. */
export function createHearing(
  context: SessionContext,
  { answering, transcripts }: HearingOptions,
): Hearing {
  const { audio, client, facts, history, idle, now, signal } = context;
  const pending = new Map<string, Pending>();
  const talking = new Set<string>();
  const awaited = new Map<string, PromiseWithResolvers<void>>();
  const turns = createSpokenTurns();
  /** A turn with words waits to be answered together with what is being said. */
  let deferred = false;

  function turnPolicy() {
    return context.settings().audio.input.turn_detection;
  }

  function begin(utterance: Utterance): Pending {
    const entry: Pending = { eager: undefined, silenceMs: 0 };
    pending.set(utterance.id, entry);
    if (utterance.origin === "voice") {
      talking.add(utterance.id);
      client.speechStarted(utterance.id, utterance.startMs);
      facts.emit({ kind: "speechStarted", itemId: utterance.id });
      if (turnPolicy()?.interrupt_response) answering.bargeIn(utterance.id);
    }
    return entry;
  }

  /** The utterance is over: it becomes the user's item, at first without words. */
  function join(itemId: string): void {
    const item = userSpeech(itemId, null);
    const { previousItemId } = history.insert(item, undefined);
    client.committed(itemId, previousItemId);
    client.itemAdded(item, previousItemId);
    awaited.get(itemId)?.resolve();
    awaited.delete(itemId);
  }

  /** Answers what was heard, unless the user goes on talking: then that turn's end answers both. */
  function respond(itemId: string, heard: Heard, followed: boolean): void {
    const answered = answeredTurn(itemId, heard, followed);
    if (answered !== undefined && history.isFull()) {
      return refuse(itemId, conversationFull("answer"));
    }
    if (answered !== itemId) facts.emit({ kind: "turnUnanswered", itemId });
    if (answered === undefined) return;
    const failure = "error" in heard && answered === itemId ? { failure: heard.error } : {};
    answering.turn({ overrides: {}, itemId: answered, ...failure });
  }

  /** Which turn is to be answered now; none where it is not for us to say, or the user goes on talking. */
  function answeredTurn(itemId: string, heard: Heard, followed: boolean): string | undefined {
    const policy = turnPolicy();
    if (policy === null || !policy.create_response || context.settings().type !== "realtime") {
      return undefined;
    }
    const open = unansweredTurn(history.items());
    if ("error" in heard && open === undefined) return itemId;
    const said = "text" in heard && heard.text !== "";
    if (followed || (talking.size > 0 && policy.interrupt_response)) {
      deferred ||= said;
      return undefined;
    }
    deferred = false;
    return said ? itemId : answering.busy() ? undefined : open;
  }

  function refuse(itemId: string, { code, message }: InvalidRequest): void {
    facts.emit({ kind: "turnUnanswered", itemId });
    client.refused({ type: "invalid_request_error", code, message });
  }

  async function hear(utterance: Utterance): Promise<void> {
    const release = idle.hold();
    await withLogContext({ itemId: utterance.id }, () => hearToItsEnd(utterance).finally(release));
  }

  async function hearToItsEnd(utterance: Utterance): Promise<void> {
    const entry = begin(utterance);
    const transcribed = transcripts.write(utterance, (text) => entry.eager = text);
    const end = await utterance.ended;
    talking.delete(utterance.id);
    pending.delete(utterance.id);
    if (end.kind === "dropped" || signal.aborted) {
      idle.recount();
      await transcribed;
      audio.forget(utterance.id);
      if (!deferred) facts.emit({ kind: "turnUnanswered", itemId: utterance.id });
      if (deferred && !signal.aborted) respond(utterance.id, { text: "" }, false);
      return;
    }
    if (utterance.origin === "voice") client.speechStopped(utterance.id, end.endMs);
    facts.emit({ kind: "turnEnded", itemId: utterance.id, lastSpeechAt: end.lastSpeechAt });
    join(utterance.id);
    const asks = utterance.origin === "voice" && end.cause !== "commit"; // who commits asks for the answer too
    using turn = asks ? turns.begin() : undefined;
    const seconds = (end.endMs - utterance.startMs) / 1000;
    const admitted = asks ? context.admitTurn?.(seconds) : undefined;
    await transcripts.enter(utterance.id, transcribed, seconds);
    const heard = await transcribed;
    if ("text" in heard && heard.text === "") idle.recount();
    else idle.forget();
    if (turn === undefined) return facts.emit({ kind: "turnUnanswered", itemId: utterance.id });
    turn.heard("text" in heard && heard.text !== "");
    const verdict = await admitted;
    if (verdict?.allowed === false) {
      const code = "rate_limit_exceeded";
      return refuse(utterance.id, new InvalidRequest(tooManyTurns(verdict), { code }));
    }
    respond(utterance.id, heard, turn.isFollowed());
    tellLimits(client, verdict);
  }

  return {
    endOfTurn(utterance, silenceMs) {
      const detection = turnPolicy();
      const entry = pending.get(utterance.id);
      if (detection === null || entry === undefined) return false;
      if (silenceMs < entry.silenceMs) entry.eager = undefined; // a new pause: the text is stale
      entry.silenceMs = silenceMs;
      const speechMs = now() - utterance.onsetAt - silenceMs;
      return endOfTurn({ silenceMs, speechMs, transcript: entry.eager, detection });
    },
    timeOut({ startMs, endMs }) {
      if (history.isFull()) return;
      const itemId = newId("item");
      client.timeoutTriggered(itemId, startMs, endMs);
      join(itemId);
      void transcripts.enter(itemId, Promise.resolve({ text: "" }), 0);
      if (!turnPolicy()?.create_response) return;
      const input = [...history.items(), silenceNote()];
      answering.turn({ overrides: { input }, itemId });
    },
    async listen(utterances) {
      const hearings = new Set<Promise<void>>();
      for await (const utterance of utterances) {
        const hearing: Promise<void> = hear(utterance)
          .catch((error) => logger.error("Cannot hear: {error}", { error, itemId: utterance.id }))
          .finally(() => hearings.delete(hearing));
        hearings.add(hearing);
      }
      await Promise.all(hearings);
    },
    itemJoined(utteranceId) {
      if (history.has(utteranceId)) return Promise.resolve();
      const joined = awaited.get(utteranceId) ?? Promise.withResolvers<void>();
      awaited.set(utteranceId, joined);
      return abortable(joined.promise, signal).catch(() => {}); // only the session's end rejects it
    },
  };
}
