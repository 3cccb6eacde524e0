import {
  deepStrictEqual as deepEqual,
  ok,
  rejects,
  strictEqual as equal,
} from "node:assert/strict";
import { configure, type LogRecord, reset } from "@logtape/logtape";
import type { MarkedFrame } from "@/audio/frame.ts";
import type { SpeechRecogniser } from "@/engines/asr/engine.ts";
import { createMoonshine, moonshineOver } from "@/engines/asr/moonshine.ts";
import type { DecodingAnswer, DecodingJob } from "@/engines/asr/decoding_job.ts";
import { EngineError } from "@/errors.ts";
import type { JobHost } from "@/inference/host.ts";
import { testSpeechRecogniser } from "../../contracts/asr_contract.ts";
import { frameNumbers } from "../../fakes/marked_frames.ts";
import { marked, MODELS_DIR, speak, words } from "../speech.ts";

const { signal } = new AbortController();
const STORY = "A farmer had a goose that laid one golden egg each day. " +
  "He sold the eggs at the market and became rich. But the richer he grew, the more he wanted. " +
  "If there is so much gold in one egg, he thought, how much must be inside the bird? " +
  "So one evening he took a knife and killed the goose. " +
  "He found nothing but feathers, meat and bones, like in every other goose. " +
  "His wife wept, and his children asked why there were no eggs. " +
  "The neighbours came to look and shook their heads. " +
  "From that day on he worked in the fields again, from early morning until late at night.";
const [weather, train, story] = await speak(
  "The weather is cold and windy.",
  "Please take the next train to Boston.",
  STORY,
);

testSpeechRecogniser(
  "moonshine",
  () => createMoonshine({ modelsDir: MODELS_DIR, inferenceWorkers: 1, language: "en" }),
  {
    utterances: [
      { samples: weather!, words: ["weather", "cold", "windy"] },
      { samples: train!, words: ["please", "next", "train", "boston"] },
    ],
    long: { samples: story!, words: words(STORY) },
  },
);

/** One Worker by script: answers tokens by list, and notes its jobs. */
function scriptedHost(
  answer: (job: DecodingJob, jobs: readonly DecodingJob[]) => DecodingAnswer | Error,
  gate: Promise<void> = Promise.resolve(),
): { host: JobHost<DecodingJob, DecodingAnswer>; jobs: DecodingJob[] } {
  const jobs: DecodingJob[] = [];
  return {
    jobs,
    host: {
      async run(job) {
        jobs.push(job);
        await gate;
        const result = answer(job, jobs);
        if (result instanceof Error) throw result;
        return result;
      },
      [Symbol.asyncDispose]: () => Promise.resolve(),
    },
  };
}

async function textOf(asr: SpeechRecogniser, seconds: number): Promise<string> {
  const audio = ReadableStream.from(marked(new Float32Array(16_000 * seconds)));
  return (await Array.fromAsync(asr.transcribe(audio, { signal }))).at(-1)!.text;
}

/** Lets everything that can go on without time go on. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

/** The decoder's steps of a job's run so far. */
function stepsOf({ run }: DecodingJob, jobs: readonly DecodingJob[]): DecodingJob[] {
  return jobs.filter((job) => job.kind === "decode" && job.run === run);
}

/** Tokens of " The child almost hurt the small dog." */
const SENTENCE = [450, 2278, 4359, 21682, 278, 2319, 11203, 29889];

Deno.test("the tokens become text, and the run is forgotten", async () => {
  const { host, jobs } = scriptedHost((job, jobs) => {
    if (job.kind !== "decode") return { kind: "done" };
    const steps = stepsOf(job, jobs).length;
    const ended = steps > SENTENCE.length;
    return { kind: "tokens", tokens: SENTENCE.slice(0, steps), ended };
  });
  const asr = moonshineOver([host]);

  const text = await textOf(asr, 1);

  equal(text, "The child almost hurt the small dog.");
  equal(jobs.at(-1)!.kind, "free");
  equal(new Set(jobs.map(({ run }) => run)).size, 1);
});

Deno.test("the text is the model's last, though it began otherwise before", async () => {
  const { host } = scriptedHost((job, jobs) => {
    if (job.kind !== "decode") return { kind: "done" };
    return stepsOf(job, jobs).length === 1
      ? { kind: "tokens", tokens: [11203], ended: false }
      : { kind: "tokens", tokens: [2278, 29889], ended: true };
  });

  const text = await textOf(moonshineOver([host]), 1);

  equal(text, "child.");
});

Deno.test("a model that never ends is stopped at six and a half tokens a second and a few", async () => {
  const { host, jobs } = scriptedHost((job, jobs) =>
    job.kind === "decode"
      ? { kind: "tokens", tokens: stepsOf(job, jobs).map((_, i) => 1000 + i), ended: false }
      : { kind: "done" }
  );

  await textOf(moonshineOver([host]), 4);

  const last = jobs.at(-1)!.run;
  const decodes = jobs.filter(({ kind, run }) => kind === "decode" && run === last).length;
  ok(decodes >= 26 && decodes <= 34, `${decodes} tokens`);
});

Deno.test("a model that loops is stopped, and says its phrase once", async () => {
  const { host, jobs } = scriptedHost((job, jobs) =>
    job.kind === "decode"
      ? { kind: "tokens", tokens: stepsOf(job, jobs).map(() => 2278), ended: false }
      : { kind: "done" }
  );

  const text = await textOf(moonshineOver([host]), 20);

  equal(text, "child");
  const last = jobs.filter(({ run }) => run === jobs.at(-1)!.run);
  ok(last.length < 40, `${last.length} jobs`);
});

Deno.test("a run whose Worker was replaced between two of its steps begins anew", async () => {
  let lost = true;
  const { host, jobs } = scriptedHost((job) => {
    if (job.kind !== "decode") return { kind: "done" };
    if (!lost) return { kind: "tokens", tokens: [2278], ended: true };
    lost = false;
    return { kind: "lost" };
  });

  const text = await textOf(moonshineOver([host]), 1);

  equal(text, "child");
  equal(jobs.filter(({ kind }) => kind === "encode").length, 2);
});

Deno.test("a run under which its Worker dies fails, and others at other Workers do not", async () => {
  const gone = new EngineError("gone", { engine: "moonshine", failure: "crashed" });
  const dying = scriptedHost(() => gone);
  const living = scriptedHost((job) =>
    job.kind === "decode" ? { kind: "tokens", tokens: [2278], ended: true } : { kind: "done" }
  );
  const asr = moonshineOver([dying.host, living.host]);

  const [first, second] = await Promise.allSettled([textOf(asr, 1), textOf(asr, 1)]);

  deepEqual(first, { status: "rejected", reason: gone });
  deepEqual(second, { status: "fulfilled", value: "child" });
});

Deno.test("a partial is refused where other runs are at work", async () => {
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  const { host, jobs } = scriptedHost(
    (job) =>
      job.kind === "decode" ? { kind: "tokens", tokens: [2278], ended: true } : { kind: "done" },
    gate,
  );
  const asr = moonshineOver([host]);
  const speaking = new ReadableStream({
    start: (stream) => marked(new Float32Array(40 * 512).fill(7)).forEach((f) => stream.enqueue(f)),
  });
  const controller = new AbortController();

  const final = textOf(asr, 0.5);
  await turn();
  equal(jobs.length, 1);
  const partials = Array.fromAsync(asr.transcribe(speaking, { signal: controller.signal }));
  await turn();
  open();
  await final;
  controller.abort("enough");
  await rejects(partials, (reason) => reason === "enough");

  const heard = jobs.flatMap((job) => job.kind === "encode" ? frameNumbers(job.samples) : []);
  equal(heard.includes(7), false);
});

Deno.test("an eager run is shed where jobs have waited for half a second, and made as the final one", async () => {
  let now = 0;
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  const { host, jobs } = scriptedHost(
    (job) =>
      job.kind === "decode" ? { kind: "tokens", tokens: [2278], ended: true } : { kind: "done" },
    gate,
  );
  const asr = moonshineOver([host], { now: () => now });
  const heard = () =>
    jobs.flatMap((job) => job.kind === "encode" ? frameNumbers(job.samples) : []).includes(7);
  const others = [textOf(asr, 0.5), textOf(asr, 0.5)];
  await turn();
  now = 501;
  let speaking!: ReadableStreamDefaultController<MarkedFrame>;
  const speech = new ReadableStream<MarkedFrame>({ start: (opened) => void (speaking = opened) });
  const transcripts = Array.fromAsync(asr.transcribe(speech, { signal }));

  marked(new Float32Array(10 * 512).fill(7)).forEach((frame) => speaking.enqueue(frame));
  marked(new Float32Array(8 * 512), "pause").forEach((frame) => speaking.enqueue(frame));
  await turn();
  open();
  await Promise.all(others);
  const eagerly = heard();
  speaking.close();

  deepEqual(await transcripts, [{ kind: "final", text: "child" }]);
  deepEqual([eagerly, heard()], [false, true]);
});

Deno.test("the embedded recogniser warns where another language than English is spoken", async () => {
  const records: LogRecord[] = [];
  await configure({
    sinks: { memory: (record) => void records.push(record) },
    loggers: [
      { category: "chatai", sinks: ["memory"], lowestLevel: "warning" },
      { category: ["logtape", "meta"], sinks: [] },
    ],
  });
  try {
    for (const language of ["en", "en-GB", "zh"]) {
      await createMoonshine({ modelsDir: "/nowhere", inferenceWorkers: 1, language }).catch(
        () => {},
      );
    }
  } finally {
    await reset();
  }

  deepEqual(records.map(({ level, properties }) => [level, properties["language"]]), [
    ["warning", "zh"],
  ]);
});
