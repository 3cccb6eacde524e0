import { EngineError, type EngineFailure } from "@/errors.ts";
import type { Priority } from "@/inference/job_queue.ts";

/** How to recognise one segment. */
export interface SegmentOptions {
  /** Aborts when nobody wants the text any more. */
  readonly signal: AbortSignal;
  /** May rise while the run goes on: read it again at each step. */
  readonly priority: Priority;
  /** BCP 47 tag of what is spoken. */
  readonly language?: string;
  /** Words to expect. */
  readonly prompt?: string;
  /** Is told the text as far as it has come, where the engine hears it little by little. */
  readonly onText: (text: string) => void;
}

/**
 * Recognises one segment: 16 kHz mono samples, which it must leave as they are. `""` where it hears no words.
 * Rejects promptly once the signal aborts.
 */
export type RecogniseSegment = (
  samples: Float32Array<ArrayBuffer>,
  options: SegmentOptions,
) => Promise<string>;

/** What is to be recognised. */
export interface Segment {
  /** 16 kHz mono. */
  readonly samples: Float32Array<ArrayBuffer>;
  /** Is told the text as far as it has come, until it is whole or nobody wants it any more. */
  readonly onText: (text: string) => void;
}

/** A segment being recognised. */
export interface Run {
  /** What the segment says. Never an unhandled rejection. */
  readonly text: Promise<string>;
  /** Nobody wants the text any more. */
  drop(): void;
  /** Whether it was. */
  dropped(): boolean;
  /** Somebody waits for the text now. */
  rise(): void;
}

/** How the segments of one utterance are recognised. */
export interface RunsOptions {
  /** The engine. */
  readonly recognise: RecogniseSegment;
  /** BCP 47 tag of what is spoken. */
  readonly language?: string;
  /** Words to expect. */
  readonly prompt?: string;
  /** Whether an empty text is tried once more with the samples halved. */
  readonly retryEmpty: boolean;
  /** How urgent the text of a piece is that has ended. */
  readonly urgency: "final" | "recording";
}

/** What befalls a run and says nothing of whether the engine could do it: another one may be begun. */
const LOST: readonly EngineFailure[] = ["displaced", "crashed"];

/** The runs of one utterance. */
export interface Runs {
  /** Starts one. */
  begin(segment: Segment, priority: Priority): Run;
  /** The text of a piece that has ended: the eager run's, if there is one that was not lost. */
  finish(eager: Run | undefined, segment: Segment): Promise<string>;
  /** Whether any is under way. */
  working(): boolean;
  /** Ends them all, and every one begun later. */
  dropAll(): void;
}

/** Recognises segments on behalf of one utterance. */
export function createRuns(
  { recognise, language, prompt, retryEmpty, urgency }: RunsOptions,
): Runs {
  const open = new Set<Run>();
  let over = false;
  const hints = {
    ...(language === undefined ? {} : { language }),
    ...(prompt === undefined ? {} : { prompt }),
  };

  function begin({ samples, onText }: Segment, first: Priority): Run {
    const controller = new AbortController();
    const { signal } = controller;
    let priority = first;
    if (over) controller.abort();
    const options = {
      ...hints,
      signal,
      get priority() {
        return priority;
      },
      onText(text: string) {
        if (open.has(run) && !signal.aborted) onText(text);
      },
    };

    async function text(): Promise<string> {
      signal.throwIfAborted();
      const heard = await recognise(samples, options);
      if (!retryEmpty || heard !== "" || first === "partial" || signal.aborted) return heard;
      return await recognise(samples.map((sample) => sample / 2), options);
    }

    const run: Run = {
      text: text().finally(() => open.delete(run)),
      drop: () => controller.abort(),
      dropped: () => signal.aborted,
      rise: () => priority = urgency,
    };
    run.text.catch(() => {}); // told to whoever awaits it, which may be nobody
    open.add(run);
    return run;
  }

  return {
    begin,
    async finish(eager, segment) {
      try {
        eager?.rise();
        if (eager !== undefined) return await eager.text;
      } catch (error) {
        if (!(error instanceof EngineError && LOST.includes(error.failure))) throw error;
      }
      return await begin(segment, urgency).text;
    },
    working: () => open.size > 0,
    dropAll() {
      over = true;
      open.forEach((run) => run.drop());
    },
  };
}
