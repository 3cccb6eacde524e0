import type { RecogniseSegment, SegmentOptions } from "@/engines/asr/runs.ts";

/** One segment that was to be recognised. It settles when the test says so. */
export interface ScriptedRun {
  readonly samples: Float32Array<ArrayBuffer>;
  readonly options: SegmentOptions;
  answer(text: string): void;
  fail(error: Error): void;
}

/** A segment recogniser that answers when, and what, the test says. An aborted run rejects. */
export interface ScriptedSegments {
  readonly recognise: RecogniseSegment;
  /** Every run so far, oldest first. */
  readonly runs: readonly ScriptedRun[];
}

/** Makes one. */
export function scriptedSegments(): ScriptedSegments {
  const runs: ScriptedRun[] = [];
  return {
    runs,
    recognise(samples, options) {
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      options.signal.addEventListener("abort", () => reject(options.signal.reason), { once: true });
      runs.push({ samples, options, answer: resolve, fail: reject });
      return promise;
    },
  };
}
