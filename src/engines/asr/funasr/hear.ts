import { delay } from "@std/async/delay";
import { encodeSamples } from "@/audio/codec.ts";
import type { MarkedFrame } from "@/audio/frame.ts";
import { createFramer } from "@/audio/frames.ts";
import { createAnswers } from "@/engines/asr/funasr/answers.ts";
import type { Connection, ConnectionEvents } from "@/engines/asr/funasr/connection.ts";
import type { Manners } from "@/engines/asr/funasr/manners.ts";
import { END_MESSAGE, type FunAsrMessage, MESSAGE_SAMPLES } from "@/engines/asr/funasr/protocol.ts";
import { createRounds } from "@/engines/asr/funasr/rounds.ts";
import type { Outlet } from "@/engines/asr/listen.ts";
import { EngineError } from "@/errors.ts";

/**
 * A server that has perhaps said all, or may have nothing to say, and says no more for so long behind the end, in
 * ms, has: it corrects a sentence in a fraction of that, and a user who coughed hardly notices a second.
 */
const QUIET_MS = 1000;

/** Samples below are silence: −60 dB, less than a microphone hears in a quiet room. */
const SOUND = 0.001;

/** Connects to the server. */
export type OpenConnection = (events: ConnectionEvents) => Connection;

/** How one utterance is heard. */
export interface HearOptions extends Outlet {
  /** Called when the first word comes. */
  readonly open: OpenConnection;
  /** The first message of every round. */
  readonly begin: string;
  /** What is known of the server. */
  readonly manners: Manners;
  /** Ms for which to wait for what the server owes. */
  readonly patienceMs: number;
  /** Aborts when the text is known, or nobody wants it; ends the connection. */
  readonly signal: AbortSignal;
}

/**
 * Sends an utterance to a server, round by round, and resolves to all that the server makes of it. What it says
 * meanwhile is shown: as eager text, where the user pauses and all is corrected.
 */
export async function hear(
  reader: ReadableStreamDefaultReader<MarkedFrame>,
  { open, begin, manners, patienceMs, signal, put, fail }: HearOptions,
): Promise<string> {
  const rounds = createRounds();
  const answers = createAnswers(manners);
  const framer = createFramer(MESSAGE_SAMPLES);
  let connection: Connection | undefined;
  let sending = false;
  let sound = false;
  let answered = Promise.withResolvers<void>();

  function take(message: FunAsrMessage): void {
    answers.take(message);
    const text = answers.text();
    if (text !== "") put({ kind: !sending && answers.complete() ? "eager" : "partial", text });
    answered.resolve();
    answered = Promise.withResolvers();
  }

  /** A connection that nobody needs at the moment may go: the next word makes another. */
  function lose(error: EngineError): void {
    if (sending || !answers.complete()) fail(error);
    else connection = undefined;
  }

  async function transmit(message: string | Uint8Array<ArrayBuffer>): Promise<void> {
    if (connection === undefined) {
      connection = open({ onMessage: take, onFailure: lose });
      signal.addEventListener("abort", connection.close, { once: true });
    }
    await connection.send(message);
  }

  async function beginRound(): Promise<void> {
    sending = true;
    await transmit(begin);
  }

  async function sendFrames(frames: readonly MarkedFrame[]): Promise<void> {
    for (const { samples } of frames) {
      sound ||= samples.some((sample) => Math.abs(sample) >= SOUND);
      for (const piece of framer.push(samples)) await transmit(encodeSamples(piece, "pcm16"));
    }
  }

  async function endRound(): Promise<void> {
    const rest = framer.flush();
    if (rest !== undefined) await transmit(encodeSamples(rest, "pcm16"));
    sending = false;
    answers.expect();
    await transmit(END_MESSAGE);
  }

  async function lastAnswers(): Promise<void> {
    while (!answers.complete()) {
      await Promise.race([connection?.drained(), answered.promise]);
      if (answers.complete()) return;
      const perhaps = answers.perhapsComplete({ sound });
      const waitMs = perhaps ? Math.min(QUIET_MS, patienceMs) : patienceMs;
      if (await settlesWithin(waitMs, { promise: answered.promise, signal })) continue;
      if (perhaps) return;
      const message = `FunASR said nothing for ${patienceMs} ms`;
      throw new EngineError(message, { engine: "funasr", failure: "timeout" });
    }
  }

  for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) {
    const step = rounds.push(value!);
    if (step.kind === "silence") continue;
    if (step.kind === "begun") await beginRound();
    await sendFrames(step.frames);
    if (step.kind === "ended") await endRound();
  }
  if (sending) await endRound();
  await lastAnswers();
  return answers.text();
}

/** Whether a promise settles in time. Rejects with the signal's reason once it aborts. */
async function settlesWithin(
  ms: number,
  { promise, signal }: { readonly promise: Promise<void>; readonly signal: AbortSignal },
): Promise<boolean> {
  const over = new AbortController();
  try {
    return await Promise.race([
      promise.then(() => true),
      delay(ms, { signal: AbortSignal.any([signal, over.signal]) }).then(() => false),
    ]);
  } finally {
    over.abort();
  }
}
