import { getLogger } from "@logtape/logtape";
import { FRAME_MS, type MarkedFrame } from "@/audio/frame.ts";
import type { SpeechRecogniser, TranscribeOptions, Transcript } from "@/engines/asr/engine.ts";
import { listen } from "@/engines/asr/listen.ts";
import { createPieces } from "@/engines/asr/pieces.ts";
import {
  createRuns,
  type RecogniseSegment,
  type Run,
  type Runs,
  type Segment,
} from "@/engines/asr/runs.ts";
import { joinText } from "@/engines/asr/join_text.ts";

/** Partials come at most once in so many frames: once a second. */
const PARTIAL_FRAMES = Math.ceil(1000 / FRAME_MS);

/** A recogniser of whole segments, and how to end it. */
export interface SegmentRecogniser {
  /** The engine's name, e.g. `"moonshine"`. */
  readonly name: string;
  /** As of the engine. */
  readonly model?: string;
  /** Recognises one segment. Called for several at once. */
  readonly recognise: RecogniseSegment;
  /** `false` makes no partials, where each run costs money. */
  readonly partials?: boolean;
  /** Whether an empty text, though the VAD heard speech, is tried once more with the samples halved. @default {false} */
  readonly retryEmpty?: boolean;
  /** Ends its Workers and connections. */
  readonly dispose: () => Promise<void>;
}

/**
 * Makes a recogniser of utterances from one of segments: the one home of
 *
 * - the segment: speech, 0.15 s before and 0.2 s behind it, 25 s at most, cut where it is least like speech;
 *   a longer utterance, or one with a pause of 2 s in it, is recognised piece by piece;
 * - the eager run, begun after 160 ms of silence and dropped when speech resumes, so that the text is there
 *   when the silence has lasted long enough to end the turn;
 * - partials while the user speaks, at most one a second, whose failures nobody hears of, and the text of any run as
 *   far as it has come, where the recogniser hears it little by little;
 * - the retry of an empty text, where the recogniser wants it. Nothing else is asked twice: an eager run that fails
 *   is the utterance's failure, unless it was just lost to more urgent work or with its Worker.
 *
 * It reads the audio as it arrives, whoever reads the transcripts, and makes no text that is earlier than anybody
 * asks for.
 */
export function fromSegments(
  { name, model, recognise, partials = true, retryEmpty = false, dispose }: SegmentRecogniser,
): SpeechRecogniser {
  return {
    name,
    model,
    transcribe: (audio, options) =>
      transcribe(audio, { name, recognise, partials, retryEmpty, ...options }),
    [Symbol.asyncDispose]: dispose,
  };
}

interface Options extends TranscribeOptions {
  readonly name: string;
  readonly recognise: RecogniseSegment;
  readonly partials: boolean;
  readonly retryEmpty: boolean;
}

function transcribe(
  audio: ReadableStream<MarkedFrame>,
  options: Options,
): AsyncIterable<Transcript> {
  const { signal, name, earliest = "partial" } = options;
  const partials = options.partials && earliest === "partial";
  const eagerRuns = earliest !== "final";
  const runs = createRuns({ ...options, urgency: eagerRuns ? "final" : "recording" });
  return listen(audio, {
    signal,
    hear: (reader, { put }) => hear(reader, { runs, name, partials, eagerRuns, put }),
    end: runs.dropAll,
  });
}

interface HearOptions {
  readonly name: string;
  readonly partials: boolean;
  /** Whether recognition begins in pauses. */
  readonly eagerRuns: boolean;
  readonly runs: Runs;
  readonly put: (transcript: Transcript) => void;
}

/** Reads the utterance to its end, and resolves to all that it says. */
async function hear(
  reader: ReadableStreamDefaultReader<MarkedFrame>,
  { name, partials, eagerRuns, runs, put }: HearOptions,
): Promise<string> {
  const logger = getLogger(["chatai", "asr"]);
  const pieces = createPieces();
  /** Texts of the pieces that have ended. */
  const texts: Promise<string>[] = [];
  /** Those that are there. */
  const known: string[] = [];
  let eager: Run | undefined;
  let partial: Run | undefined;
  /** Since the piece or the last partial began. */
  let frames = 0;

  function keep(text: Promise<string>): void {
    const at = texts.push(text) - 1;
    text.then((text) => known[at] = text, () => {}); // a failure is told at the end
  }

  /** A piece, whose text is shown as it grows, unless one before it is still missing. */
  function segment(samples: Float32Array<ArrayBuffer>): Segment {
    const before = texts.length;
    return {
      samples,
      onText(text) {
        const earlier = known.slice(0, before).filter((text) => text !== undefined);
        if (earlier.length === before) put({ kind: "partial", text: sentence([...earlier, text]) });
      },
    };
  }

  async function show(run: Run, kind: "eager" | "partial"): Promise<void> {
    try {
      const text = sentence([...await Promise.all(texts), await run.text]);
      if (!run.dropped()) put({ kind, text });
    } catch (error) {
      if (!run.dropped()) logger.debug("{name}: no {kind} text: {error}", { name, kind, error });
    }
  }

  function preview(): void {
    if (!partials || frames < PARTIAL_FRAMES || runs.working()) return;
    frames = 0;
    partial = runs.begin(segment(pieces.samples()!), "partial");
    void show(partial, "partial");
  }

  for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) {
    const change = pieces.push(value!);
    frames++;
    if (change.kind === "resumed" || change.kind === "cut") eager = drop(eager);
    if (change.kind === "paused" || change.kind === "cut") partial = drop(partial);
    if (change.kind === "resumed" || change.kind === "speech") preview();
    if (change.kind === "paused" && eagerRuns) {
      eager = runs.begin(segment(pieces.samples()!), "eager");
      void show(eager, "eager");
    }
    if (change.kind === "ended" || change.kind === "cut") {
      keep(runs.finish(eager, segment(change.samples)));
      eager = undefined;
      frames = 0;
    }
  }

  drop(partial);
  const rest = pieces.samples();
  if (rest) keep(runs.finish(eager, segment(rest)));
  return sentence(await Promise.all(texts));
}

function drop(run: Run | undefined): undefined {
  run?.drop();
}

function sentence(texts: readonly string[]): string {
  return texts.reduce(joinText, "");
}
