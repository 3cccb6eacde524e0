import { type Answer, answer, type AnswerRequest } from "@/conversation/answer.ts";
import type { SessionContext } from "@/conversation/context.ts";
import { conversationFull } from "@/conversation/history.ts";
import type { Item } from "@/conversation/item.ts";
import { resolveInput } from "@/conversation/prompt.ts";
import { heardSoFar } from "@/conversation/reply_message.ts";
import { InvalidRequest } from "@/errors.ts";
import type { Playout } from "@/pipeline/playout.ts";

/** The responses of one session: one at a time in the conversation, and any number out of band. */
export interface Answering {
  /**
   * Whether the client may ask for a response now.
   *
   * @throws {InvalidRequest} as {@linkcode request} does
   */
  check(request: AnswerRequest): void;
  /**
   * The client asks for a response.
   *
   * @throws {InvalidRequest} if the conversation has one already, or its input refers to an item that is not there
   */
  request(request: AnswerRequest): void;
  /** A spoken turn asks for one. Waits for the running one, and takes the place of one that waits already. */
  turn(request: AnswerRequest): void;
  /** Whether the conversation has a response that has not ended, or one that waits. */
  busy(): boolean;
  /** The user speaks: ends the running response, and cuts those still playing to what was heard. */
  bargeIn(itemId: string): void;
  /**
   * Ends a response at the client's wish.
   *
   * @throws {InvalidRequest} if it does not run
   */
  cancel(responseId: string | undefined): Promise<void>;
  /**
   * Cuts an assistant's message to the first `audioEndMs` of its audio, which is what the client played.
   *
   * @throws {InvalidRequest} if there is no such audio
   */
  truncate(itemId: string, contentIndex: number, audioEndMs: number): Promise<void>;
  /** Settles when none runs, and none waits. */
  settled(): Promise<void>;
  /** Ends all of them; settles when nothing runs any more. */
  close(): Promise<void>;
}

/** Starts, queues and ends the responses of one session. */
export function createAnswering(context: SessionContext): Answering {
  const { client, facts, history, idle, playouts } = context;
  const outOfBand = new Set<Answer>();
  let current: Answer | undefined;
  let waiting: AnswerRequest | undefined;
  let closed = false;

  function running(): readonly Answer[] {
    return [current, ...outOfBand].filter((each) => each !== undefined);
  }

  function begin(request: AnswerRequest): void {
    if (closed) return; // a turn that was heard at the very end
    const release = idle.hold();
    const begun = answer(context, request);
    current = begun;
    void begun.settled.then(() => {
      current = undefined;
      idle.countFrom(begun.playout.endsAt());
      release();
      const next = waiting;
      waiting = undefined;
      if (next !== undefined) begin(next);
    });
  }

  function beginOutOfBand(request: AnswerRequest): void {
    const aside = answer(context, request);
    outOfBand.add(aside);
    void aside.settled.then(() => outOfBand.delete(aside));
  }

  /** Puts what was heard in place of what was said. */
  function cut(itemId: string, playout: Playout, samples: number): Promise<void> {
    const item = history.get(itemId);
    if (item === undefined) return Promise.resolve();
    context.audio.cut(itemId, samples);
    return context.remember(
      history.replace(withHeardWords(item, heardSoFar(context, playout, samples))),
    );
  }

  /** Cuts what still plays though its response has ended. */
  function silence(): void {
    for (const [itemId, playout] of playouts) {
      if (playout.leadMs() === 0) continue;
      playout.stop();
      void cut(itemId, playout, playout.playedSamples());
    }
  }

  function check({ overrides }: AnswerRequest): void {
    resolveInput(overrides.input, history.items()); // or it would fail once it has begun
    if (overrides.conversation === "none") return;
    if (history.isFull()) throw conversationFull("answer");
    if (waiting !== undefined || current?.ended() === false) {
      throw new InvalidRequest(
        "The conversation already has an active response. Wait for its response.done, or cancel it",
        { code: "conversation_already_has_active_response" },
      );
    }
  }

  return {
    check,

    request(request) {
      check(request);
      if (request.overrides.conversation === "none") return beginOutOfBand(request);
      if (current === undefined) begin(request);
      else waiting = request;
    },

    turn(request) {
      if (current === undefined) begin(request);
      else waiting = request;
    },

    busy: () => current?.ended() === false || waiting !== undefined,

    bargeIn(itemId) {
      waiting = undefined;
      if (current?.ended() === false) {
        facts.emit({ kind: "bargeIn", responseId: current.responseId, itemId });
        current.cancel("turn_detected");
      }
      silence();
    },

    async cancel(responseId) {
      const asked = running().find((candidate) =>
        !candidate.ended() &&
        (responseId === undefined ? candidate === current : candidate.responseId === responseId)
      );
      if (asked === undefined) {
        throw new InvalidRequest(
          responseId === undefined
            ? "Cannot cancel: no response is running"
            : `Cannot cancel: response "${responseId}" is not running`,
          { code: "response_cancel_not_active" },
        );
      }
      asked.cancel("client_cancelled");
      await asked.settled;
    },

    async truncate(itemId, contentIndex, audioEndMs) {
      const playout = playableMessage(context, itemId);
      if (contentIndex !== 0) {
        throw new InvalidRequest(`Cannot truncate content part ${contentIndex}: there is only 0`, {
          code: "invalid_value",
          param: "content_index",
        });
      }
      const sentMs = playout.sentSamples() / playout.sampleRate * 1000;
      if (audioEndMs > Math.ceil(sentMs)) {
        throw new InvalidRequest(
          `Cannot truncate at ${audioEndMs} ms: only ${Math.ceil(sentMs)} ms of audio were sent`,
          { code: "invalid_value", param: "audio_end_ms" },
        );
      }
      const samples = Math.floor(audioEndMs / 1000 * playout.sampleRate);
      if (current?.ended() === false && current.messageId() === itemId) {
        current.truncate(heardSoFar(context, playout, samples));
      } else {
        playout.stop();
      }
      await cut(itemId, playout, samples);
      client.itemTruncated(itemId, contentIndex, audioEndMs);
    },

    async settled() {
      while (running().length > 0) await Promise.all(running().map((each) => each.settled));
    },

    async close() {
      closed = true;
      waiting = undefined;
      for (const each of running()) each.cancel("client_cancelled");
      await Promise.all(running().map((each) => each.settled));
    },
  };
}

/** The play-out of an assistant's audio message. */
function playableMessage({ history, playouts }: SessionContext, itemId: string): Playout {
  const item = history.get(itemId);
  if (item === undefined) {
    throw new InvalidRequest(`There is no item "${itemId}"`, {
      code: "item_truncate_invalid_item_id",
      param: "item_id",
    });
  }
  const playout = playouts.get(itemId);
  if (playout === undefined) {
    throw new InvalidRequest(
      `Cannot truncate item "${itemId}": it holds no audio that was sent on this connection`,
      { code: "invalid_value", param: "item_id" },
    );
  }
  return playout;
}

/** The same message with other words in its audio part. A message still empty stays as it is. */
function withHeardWords(item: Item, transcript: string): Item {
  if (item.type !== "message" || item.role !== "assistant") return item;
  return {
    ...item,
    content: item.content.map((part) =>
      part.type === "output_audio" ? { ...part, transcript } : part
    ),
  };
}
