import { abortable } from "@std/async/abortable";
import { delay } from "@std/async/delay";
import type { ReplyEnd, ToolCall } from "@/engines/llm/engine.ts";
import type { Playout } from "@/pipeline/playout.ts";
import type { SpeechChunk, SpeechPart } from "@/pipeline/synthesize.ts";

/**
 * Audio that may run ahead of real time, in ms: enough to ride out a slow sentence, little enough that a barge-in
 * has something to cancel.
 */
export const LEAD_MS = 2000;

/** Where a speaker hands things over, and what it waits for. The callbacks are called in order and must be quick. */
export interface SpeakerOptions {
  /** The response's own; the speaker keeps its account. */
  readonly playout: Playout;
  /** In ms. {@linkcode LEAD_MS} by default. */
  readonly leadMs?: number;
  /** Ends every wait at once; nothing is handed over afterwards. */
  readonly signal: AbortSignal;
  /** Takes speech; may be empty at a sentence's end. The play-out has counted it. */
  readonly chunk: (chunk: SpeechChunk) => void;
  /** Takes a call, after all speech before it. */
  readonly call: (call: ToolCall) => void;
  /** Takes the reply's end. */
  readonly end: (end: ReplyEnd) => void;
  /** Settles when the wire has room for more audio. */
  readonly room?: () => Promise<void>;
}

/** The end of one response's pipe chain. */
export interface Speaker {
  /** For the response's own pipe, and no other. */
  readonly writable: WritableStream<SpeechPart>;
  /** Hands the rest over unpaced. For a response with tool calls, whose client waits to act on them. */
  hurry(): void;
}

/**
 * Makes the speaker of one response. It paces audio: it waits for room *before* it hands a chunk over, never
 * after, and wakes as soon as the signal aborts or somebody is in a hurry.
 */
export function createSpeaker(options: SpeakerOptions): Speaker {
  const { playout, leadMs = LEAD_MS, signal, room } = options;
  const hurried = new AbortController();
  let stop: AbortSignal;
  let wake: AbortSignal;

  /** Until `chunk` fits into the lead, or nobody waits for it any more. */
  async function pace(chunk: SpeechChunk): Promise<void> {
    const chunkMs = chunk.samples.length / playout.sampleRate * 1000;
    while (!wake.aborted) {
      const excess = playout.leadMs() - Math.max(0, leadMs - chunkMs);
      if (excess <= 0) return;
      await delay(Math.ceil(excess), { signal: wake }).catch(() => {}); // woken
    }
  }

  async function say(chunk: SpeechChunk): Promise<void> {
    if (chunk.samples.length > 0) {
      await pace(chunk);
      if (room !== undefined && !stop.aborted) {
        await abortable(room(), stop).catch((error) => {
          if (!stop.aborted) throw error;
        });
      }
    }
    if (stop.aborted) return;
    playout.sent(chunk);
    options.chunk(chunk);
  }

  const writable = new WritableStream<SpeechPart>({
    start(controller) {
      stop = AbortSignal.any([signal, controller.signal]);
      wake = AbortSignal.any([stop, hurried.signal]);
    },
    async write(part) {
      if (stop.aborted) return;
      if (part.kind === "speech") await say(part);
      else if (part.kind === "toolCall") options.call(part);
      else options.end(part);
    },
  }, { highWaterMark: 1 });

  return { writable, hurry: () => hurried.abort() };
}
