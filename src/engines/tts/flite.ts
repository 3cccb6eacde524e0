import { getLogger } from "@logtape/logtape";
import type { Config } from "@/config.ts";
import { cutText } from "@/engines/tts/cut_text.ts";
import type { Speech, SpeechSynthesiser } from "@/engines/tts/engine.ts";
import { asciiText, isLegible } from "@/engines/tts/flite/ascii_text.ts";
import {
  FLITE_VOICES,
  type FliteInit,
  type FliteJob,
  loadFlite,
} from "@/engines/tts/flite/load.ts";
import { createHost } from "@/inference/create_host.ts";
import { EngineError } from "@/errors.ts";
import { createJobQueue } from "@/inference/job_queue.ts";

/**
 * Longest text of one run, in characters: some 10 s of speech, made in 0.1 s. Nothing can interrupt a run, so
 * this bounds how long one caller can keep the others waiting.
 */
const MAX_RUN_LENGTH = 160;

/** Runs that may wait for the one that runs: some 10 s of work. */
const MAX_WAITING = 128;

/** Ms until a caller is told that Flite is too slow, so that failover may speak instead. */
const DEADLINE_MS = 10_000;

/**
 * The embedded synthesiser: Carnegie Mellon's Flite, English, 16 kHz, about a hundred times faster than real
 * time. Runs in a Worker of its own; in the main isolate if there are no inference Workers.
 *
 * A conversation in another language is told that it cannot be spoken, so that another engine may. A foreign word in
 * an English one is left out.
 *
 * An aborted caller is released at once; what Flite was just making for it is dropped, what waited is never made.
 *
 * @throws {EngineError} `unavailable` if its program cannot be loaded.
 */
export async function createFlite(
  { modelsDir, inferenceWorkers, language }: Pick<
    Config,
    "modelsDir" | "inferenceWorkers" | "language"
  >,
): Promise<SpeechSynthesiser> {
  if (!isEnglish(language)) {
    getLogger(["chatai", "tts"]).warn(
      "The embedded voices speak English only, and LANGUAGE is {language}. " +
        "TTS=edge speaks it, or set OPENAI_API_KEY or TTS_BASE_URL.",
      { language },
    );
  }
  const init: FliteInit = { path: `${modelsDir}/flite/flite.wasm` };
  const host = await createHost(inferenceWorkers, {
    engine: "flite",
    url: new URL("./flite/worker.ts", import.meta.url),
    load: () => Promise.resolve(loadFlite),
    init,
    read: [init.path],
  });
  const queue = createJobQueue<FliteJob, Speech>({
    engine: "flite",
    execute: (batch) => Promise.all(batch.map((job) => host.run(job))),
    maxBatch: 1,
    capacity: MAX_WAITING,
    deadlineMs: DEADLINE_MS,
  });

  return {
    name: "flite",
    voices: FLITE_VOICES,
    async *synthesize(text, { signal, voice, speed = 1, language = "en" }) {
      signal.throwIfAborted();
      if (!isEnglish(language) && !isLegible(text)) {
        const message = "flite speaks English only";
        throw new EngineError(message, { engine: "flite", failure: "rejected" });
      }
      const chosen = FLITE_VOICES.find((name) => name === voice) ?? FLITE_VOICES[0];
      const bounded = Math.min(4, Math.max(0.25, speed));
      for (const piece of cutText(asciiText(text), MAX_RUN_LENGTH)) {
        const job = { text: piece, voice: chosen, speed: bounded };
        const speech = await queue.run(job, { signal, priority: "final" });
        if (speech.samples.length > 0) yield speech;
      }
    },
    [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
  };
}

function isEnglish(language: string): boolean {
  return /^en\b/i.test(language);
}
