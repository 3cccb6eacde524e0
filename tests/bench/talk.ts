import { delay } from "@std/async";
import { type Caller, CHUNK_MS, tone } from "./load.ts";

/** Rate of microphones whose chunks must be told apart to the sample: the server's own, in Hz. */
export const EXACT_RATE = 16_000;

/** Settings of a caller who talks to the zero server at {@linkcode EXACT_RATE}. */
export const EXACT_SESSION = {
  audio: { input: { format: { type: "audio/pcm", rate: EXACT_RATE } } },
};

const SPEECH = tone(600, EXACT_RATE);

/** What one turn cost the server, in ms. */
export interface TurnCost {
  /** The message that completes the silence sent → first audio received. */
  readonly overhead: number;
  /** The same by the server's clock: endpoint → first audio handed to the wire. */
  readonly inside: number | undefined;
}

/**
 * Speaks for 0.6 s, waits for the answer, and listens for `listenMs`. The server says at which sample it ended the
 * turn; the message that holds it is the one that the answer could not come before.
 */
export async function talkOnce(caller: Caller, listenMs: number): Promise<TurnCost> {
  caller.forget();
  caller.speak(SPEECH);
  const stopped = await caller.next("input_audio_buffer.speech_stopped");
  const audio = await caller.next("response.output_audio.delta");
  const endMs: number = stopped.read().audio_end_ms;
  const sent = await caller.sent(Math.ceil(endMs / CHUNK_MS) - 1);
  await delay(listenMs);
  const metrics = caller.arrivals.find(({ type, responseId }) =>
    type === "chatai.turn.metrics" && responseId === audio.responseId
  )?.read();
  return {
    overhead: audio.at - sent,
    inside: metrics && metrics.voice_to_voice - metrics.endpoint,
  };
}
