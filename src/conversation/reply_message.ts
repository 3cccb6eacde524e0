import type { ResponseHead, ResponseOutcome, ResponseOutput } from "@/conversation/client.ts";
import type { SessionContext } from "@/conversation/context.ts";
import { heardText } from "@/conversation/heard.ts";
import { newId } from "@/conversation/ids.ts";
import type { MessageItem } from "@/conversation/item.ts";
import type { Playout } from "@/pipeline/playout.ts";

/** What a reply's message belongs to. */
export interface ReplyMessageOptions {
  readonly head: ResponseHead;
  readonly output: ResponseOutput;
  readonly playout: Playout;
  /** Puts an item at the end of the conversation; returns the one before it, and `null` out of band. */
  readonly join: (item: MessageItem) => string | null;
}

/** The assistant's message of one response. Its first words open it, and it closes once. */
export interface ReplyMessage {
  /** Its id, once it is open. */
  id(): string | undefined;
  /** Text as the model yields it. */
  write(delta: string): void;
  /** Speech as it is sent. */
  audio(samples: Float32Array<ArrayBuffer>): void;
  /**
   * Puts into history what was said: all of it, what was sent before it broke off, or what was heard, unless the
   * client knows better.
   */
  close(status: ResponseOutcome["status"]): void;
  /** The client says what was heard of it. */
  truncate(heard: string): void;
  /** Whether it has. */
  truncated(): boolean;
}

type AssistantMessage = Extract<MessageItem, { role: "assistant" }>;

/** Prepares the message of a reply that has not begun. */
export function createReplyMessage(
  context: SessionContext,
  { head, output, playout, join }: ReplyMessageOptions,
): ReplyMessage {
  const { audio, facts, history } = context;
  const speaks = head.modality === "audio";
  const outOfBand = head.conversationId === null;
  let message: AssistantMessage | undefined;
  let record = (_: Float32Array) => {};
  let text = "";
  let heardByClient: string | undefined;

  function open(): void {
    message = assistantMessage(newId("item"), "in_progress", []);
    output.message(message.id, join(message));
    if (!outOfBand && speaks) {
      context.playouts.set(message.id, playout);
      record = audio.record(message.id, { kept: head.format, wanted: head.format });
    }
    facts.emit({ kind: "firstToken", responseId: head.id });
  }

  /** Samples behind which nothing of a message that ends like this was sent, or heard. */
  function saidSamples(status: ResponseOutcome["status"]): number {
    if (status === "cancelled") return playout.playedSamples();
    const whole = status !== "failed" && playout.sentences().every(({ complete }) => complete);
    return whole ? Infinity : playout.sentSamples();
  }

  function said(samples: number): AssistantMessage["content"] {
    if (!speaks) return [{ type: "output_text", text }];
    const transcript = heardByClient ??
      (samples === Infinity ? text : heardSoFar(context, playout, samples));
    return [{ type: "output_audio", transcript }];
  }

  return {
    id: () => message?.id,
    write(delta) {
      if (message === undefined) open();
      text += delta;
      output.text(delta);
    },
    audio(samples) {
      output.audio(samples);
      record(samples);
    },
    close(status) {
      if (message?.status !== "in_progress") return;
      const samples = saidSamples(status);
      message = assistantMessage(
        message.id,
        status === "completed" ? "completed" : "incomplete",
        said(samples),
      );
      if (outOfBand || !history.has(message.id)) return; // the client may have deleted it meanwhile
      if (heardByClient === undefined) audio.cut(message.id, samples);
      void context.remember(history.replace(message));
    },
    truncate(heard) {
      heardByClient = heard;
    },
    truncated: () => heardByClient !== undefined,
  };
}

/** The words of a response that were heard once `samples` of it had been played. */
export function heardSoFar(context: SessionContext, playout: Playout, samples: number): string {
  return heardText(playout.sentences(), samples, {
    sampleRate: playout.sampleRate,
    speed: context.settings().audio.output.speed,
  });
}

function assistantMessage(
  id: string,
  status: AssistantMessage["status"],
  content: AssistantMessage["content"],
): AssistantMessage {
  return { id, object: "realtime.item", type: "message", role: "assistant", status, content };
}
