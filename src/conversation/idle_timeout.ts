import { newId } from "@/conversation/ids.ts";
import type { MessageItem } from "@/conversation/item.ts";
import type { SessionSettings } from "@/conversation/settings.ts";

/** A silence that has lasted too long, in ms of audio written since the session began. */
export interface IdleSilence {
  /** Where the listener had heard the last response to its end. */
  readonly startMs: number;
  readonly endMs: number;
}

/** What an idle timeout asks and tells. */
export interface IdleTimeoutOptions {
  /** As they are now. */
  readonly settings: () => SessionSettings;
  /** Audio written since the session began, in ms. */
  readonly writtenMs: () => number;
  /** ms. */
  readonly now: () => number;
  /** Told once for each silence. */
  readonly onTimeout: (silence: IdleSilence) => void;
}

/** The `idle_timeout_ms` of a session: notices that the user has said nothing since the last response was played. */
export interface IdleTimeout extends Disposable {
  /** Something goes on: a response, or somebody who speaks. Nobody is idle until the function returned is called. */
  hold(): () => void;
  /** Settles when nothing goes on. */
  quiet(): Promise<void>;
  /** A response has been played at `quietAt`, in ms on the clock of `now`: the silence begins. */
  countFrom(quietAt: number): void;
  /** What seemed to be speech was none: a silence that was counted is counted anew. */
  recount(): void;
  /** The user has said something: nothing is counted until the next response. */
  forget(): void;
  /** The settings are new. */
  reconsider(): void;
}

/** Starts the idle timeout of one session. It counts nothing before the first response, nor while `server_vad` is off. */
export function createIdleTimeout(
  { settings, writtenMs, now, onTimeout }: IdleTimeoutOptions,
): IdleTimeout {
  let silence: { readonly at: number; readonly audioMs: number } | undefined;
  let holds = 0;
  let released = Promise.withResolvers<void>();
  let timeoutMs = idleTimeoutOf(settings());
  let timer: ReturnType<typeof setTimeout> | undefined;

  function update(): void {
    clearTimeout(timer);
    if (holds > 0 || silence === undefined || timeoutMs === undefined) return;
    timer = setTimeout(fire, Math.max(0, Math.ceil(silence.at + timeoutMs - now())));
  }

  function fire(): void {
    const endMs = writtenMs();
    const startMs = Math.min(silence!.audioMs, endMs);
    silence = undefined;
    onTimeout({ startMs, endMs });
  }

  function countFrom(quietAt: number): void {
    const at = Math.max(quietAt, now());
    silence = { at, audioMs: writtenMs() + at - now() };
    update();
  }

  function recount(): void {
    if (silence !== undefined) countFrom(silence.at);
  }

  return {
    hold() {
      holds++;
      update();
      return () => {
        holds--;
        released.resolve();
        released = Promise.withResolvers();
        update();
      };
    },
    async quiet() {
      while (holds > 0) await released.promise;
    },
    countFrom,
    recount,
    forget() {
      silence = undefined;
      update();
    },
    reconsider() {
      const before = timeoutMs;
      timeoutMs = idleTimeoutOf(settings());
      if (timeoutMs === before) return;
      recount();
      update();
    },
    [Symbol.dispose]() {
      holds = Infinity;
      update();
    },
  };
}

function idleTimeoutOf({ audio: { input } }: SessionSettings): number | undefined {
  const detection = input.turn_detection;
  return detection?.type === "server_vad" ? detection.idle_timeout_ms ?? undefined : undefined;
}

/** Tells the model why it is asked though nobody spoke. It joins no history. */
export function silenceNote(): MessageItem {
  return {
    id: newId("item"),
    object: "realtime.item",
    type: "message",
    role: "system",
    status: "completed",
    content: [{
      type: "input_text",
      text:
        "The user has been silent since. In one short sentence, ask whether they are still there, or help " +
        "them to go on.",
    }],
  };
}
