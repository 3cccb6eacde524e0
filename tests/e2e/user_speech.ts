import { decodeAll } from "./pcm.ts";
import { encodeSamples } from "@/audio/codec.ts";
import { FRAME_SAMPLES, type MarkedFrame, SAMPLE_RATE } from "@/audio/frame.ts";
import { resampleAll } from "./pcm.ts";
import { loadConfig } from "@/config.ts";
import { KNOWN_ENGINES } from "@/server/engines.ts";
import { SPEECH_RECOGNISERS } from "@/engines/asr/mod.ts";
import { SPEECH_SYNTHESISERS } from "@/engines/tts/mod.ts";
import { WIRE_RATE } from "./voice_client.ts";

/** The voice of the user in the tests: not the server's. */
export const USER_VOICE = "rms";

/** A person's mouth and ears, made of engines of their own in the test's process. */
export interface Person extends AsyncDisposable {
  /** Speech of a text as 16-bit PCM at the wire's rate. */
  speech(text: string, voice?: string): Promise<Uint8Array<ArrayBuffer>>;
  /** What 16-bit PCM at the wire's rate says. */
  understand(pcm: Uint8Array<ArrayBuffer>): Promise<string>;
}

/** Loads the engines. */
export async function createPerson(): Promise<Person> {
  const [mouth, ears] = await Promise.all([
    createMouth(),
    SPEECH_RECOGNISERS.moonshine(loadConfig({}, KNOWN_ENGINES)),
  ]);
  const { signal } = new AbortController();
  return {
    speech: mouth.speech,
    async understand(pcm) {
      const samples = resampleAll(decodeAll(pcm), WIRE_RATE, SAMPLE_RATE);
      const transcripts = ears.transcribe(ReadableStream.from(spoken(samples)), { signal });
      return (await Array.fromAsync(transcripts)).at(-1)!.text;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([mouth[Symbol.asyncDispose](), ears[Symbol.asyncDispose]()]);
    },
  };
}

/** A person's mouth alone, which is there sooner. */
export async function createMouth(): Promise<Pick<Person, "speech" | typeof Symbol.asyncDispose>> {
  const mouth = await SPEECH_SYNTHESISERS.flite(loadConfig({}, KNOWN_ENGINES));
  const { signal } = new AbortController();
  return {
    async speech(text, voice = USER_VOICE) {
      const pieces = await Array.fromAsync(mouth.synthesize(text, { signal, voice }));
      const { sampleRate } = pieces[0]!;
      const samples = pieces.flatMap((piece) => [...piece.samples]);
      return encodeSamples(resampleAll(Float32Array.from(samples), sampleRate, WIRE_RATE), "pcm16");
    },
    [Symbol.asyncDispose]: () => mouth[Symbol.asyncDispose](),
  };
}

/** Speech of several texts, under the same names. */
export async function speechOf<Name extends string>(
  person: Person,
  texts: Readonly<Record<Name, string>>,
): Promise<Record<Name, Uint8Array<ArrayBuffer>>> {
  const spoken: Partial<Record<Name, Uint8Array<ArrayBuffer>>> = {};
  for (const name in texts) spoken[name] = await person.speech(texts[name]);
  return spoken as Record<Name, Uint8Array<ArrayBuffer>>;
}

/** All of it is speech. */
function* spoken(samples: Float32Array<ArrayBuffer>): Generator<MarkedFrame> {
  for (let start = 0; start + FRAME_SAMPLES <= samples.length; start += FRAME_SAMPLES) {
    yield { samples: samples.slice(start, start + FRAME_SAMPLES), mark: "speech", probability: 1 };
  }
}

/** Lower case, without punctuation. */
export function words(text: string): string[] {
  return text.toLowerCase().replace(/[’']/g, "").match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** Substitutions, insertions and deletions that turn one row of words into another: Levenshtein's distance. */
export function wordErrors(expected: readonly string[], heard: readonly string[]): number {
  let previous = heard.map((_, i) => i + 1);
  previous.unshift(0);
  for (const [row, word] of expected.entries()) {
    const current = [row + 1];
    for (const [column, other] of heard.entries()) {
      current.push(Math.min(
        previous[column + 1]! + 1,
        current[column]! + 1,
        previous[column]! + (word === other ? 0 : 1),
      ));
    }
    previous = current;
  }
  return previous.at(-1)!;
}
