import { deepStrictEqual as deepEqual, ok } from "node:assert/strict";
import type { MarkedFrame } from "@/audio/frame.ts";
import { decodeWav } from "@/audio/wav.ts";
import type { SpeechRecogniser } from "@/engines/asr/engine.ts";
import { createMoonshine } from "@/engines/asr/moonshine.ts";
import type { VoiceActivityDetector } from "@/engines/vad/engine.ts";
import { createSilero } from "@/engines/vad/silero.ts";
import { createFrameMarker } from "@/pipeline/frame_marker.ts";
import { wordErrors } from "../../e2e/user_speech.ts";
import { framesOf, MODELS_DIR, words } from "../speech.ts";

interface Clip {
  readonly file: string;
  readonly transcript: string | null;
  readonly language: string;
  readonly sample_rate: number;
  readonly transcript_verified?: boolean;
}

const SPEECH_DIR = Deno.env.get("SPEECH_DIR") ??
  new URL("../../../../shared/speech", import.meta.url).pathname;
const clips = readClips();
const absent = clips.length === 0
  ? ` (skipped: no recordings in ${SPEECH_DIR}, see SPEECH_DIR)`
  : "";
const { signal } = new AbortController();

Deno.test({
  name: "of the words of real recordings no more than 7 % are wrong" + absent,
  ignore: absent !== "",
  fn: async () => {
    const scored = clips.filter(({ language, transcript, transcript_verified }) =>
      language === "en" && transcript !== null && transcript_verified !== false
    );

    const heard = await transcribeAll(scored);

    const expected = scored.map(({ transcript }) => spelled(transcript!));
    const total = expected.flat().length;
    const errors = heard.map((text, i) => wordErrors(expected[i]!, spelled(text)));
    const sum = errors.reduce((a, b) => a + b, 0);
    const wrong = scored.flatMap(({ file }, i) =>
      errors[i] === 0 ? [] : [`${file}: ${errors[i]} in "${heard[i]}"`]
    );
    ok(sum <= 0.07 * total, `${sum} of ${total} words:\n${wrong.join("\n")}`);
  },
});

Deno.test({
  name: "noise, music and silence have no words" + absent,
  ignore: absent !== "",
  fn: async () => {
    const wordless = clips.filter(({ transcript }) => transcript === "");

    const heard = await transcribeAll(wordless);

    deepEqual(heard, wordless.map(() => ""));
  },
});

function readClips(): Clip[] {
  try {
    const { clips } = JSON.parse(Deno.readTextFileSync(`${SPEECH_DIR}/manifest.json`));
    return clips.filter((clip: Clip) => clip.sample_rate === 16_000);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** What each whole clip says. */
async function transcribeAll(clips: readonly Clip[]): Promise<string[]> {
  await using vad = await createSilero({ modelsDir: MODELS_DIR, inferenceWorkers: 1 });
  await using asr = await createMoonshine({
    modelsDir: MODELS_DIR,
    inferenceWorkers: 1,
    language: "en",
  });
  const texts: string[] = [];
  for (const { file } of clips) {
    const { samples } = decodeWav(Deno.readFileSync(`${SPEECH_DIR}/${file}`));
    texts.push(await textOf(asr, await heardBy(vad, samples)));
  }
  return texts;
}

async function textOf(asr: SpeechRecogniser, frames: readonly MarkedFrame[]): Promise<string> {
  const transcripts = asr.transcribe(ReadableStream.from(frames), { signal });
  return (await Array.fromAsync(transcripts)).at(-1)!.text;
}

async function heardBy(
  vad: VoiceActivityDetector,
  samples: Float32Array<ArrayBuffer>,
): Promise<MarkedFrame[]> {
  const probability = vad.listen({ signal });
  const marker = createFrameMarker();
  const marked: MarkedFrame[] = [];
  for (const frame of framesOf(samples)) {
    const unmarked = {
      samples: frame,
      probability: await probability(frame),
      at: 0,
      start: 0,
      end: 0,
    };
    marked.push(...marker.mark(unmarked, { threshold: 0.5, minSpeechMs: 100 }).frames);
  }
  return marked;
}

/** Words as the transcripts of the recordings write them. */
function spelled(text: string): string[] {
  return words(text).flatMap((word) => SPELLINGS[word] ?? [word]);
}

const SPELLINGS: Readonly<Record<string, readonly string[]>> = {
  "1": ["one"],
  "2": ["two"],
  "3": ["three"],
  "4": ["four"],
  "7": ["seven"],
  "8": ["eight"],
  "10": ["ten"],
  "1813": ["eighteen", "thirteen"],
  mr: ["mister"],
  meters: ["metres"],
};
