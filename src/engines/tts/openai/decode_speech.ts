import { createDecoder } from "@/audio/codec.ts";
import { createMp3Decoder } from "@/audio/mp3.ts";
import { createWavDecoder } from "@/audio/wav.ts";
import { OPENAI } from "@/engines/openai/explain.ts";
import type { Speech } from "@/engines/tts/engine.ts";
import { EngineError } from "@/errors.ts";

/**
 * The rate of raw samples unless the server says otherwise, in Hz: OpenAI's. Coqui's server never says it; XTTS has
 * this rate, its other models are for the engine `coqui`.
 */
const PCM_RATE = 24_000;

/** What a file of either kind begins with, however its server calls it. */
const MARKS = { RIFF: "wav", "ID3": "mp3" } as const;

const MARK_BYTES = 4;

type Form = "pcm" | "wav" | "mp3";

/**
 * Raw samples, by the names that servers have for them. `audio/L16` is big endian by RFC 2586, and so it says
 * where it means that; the speech servers that say it (Coqui's, at `/v1/audio/speech`) mean what
 * this API calls `pcm`, which is little endian.
 */
const PCM = /^(audio\/(x-)?(pcm|raw|l16)\b|application\/octet-stream|$)/i;

/** What `pcm` is not: it would be played as noise, or too slowly. */
const OTHER_PCM = /\bchannels="?(?!1\b)\d|\bendian(ness)?="?big/i;

/** Turns the next bytes into the speech that they complete. */
interface SpeechDecoder extends Disposable {
  decode(bytes: Uint8Array): Speech;
}

/**
 * Decodes speech as it comes: raw samples, as they were asked for, or the WAV or MP3 file that some servers send
 * whatever was asked for.
 *
 * @throws {EngineError} `malformed` if it is neither, or if there is none.
 */
export async function* decodeSpeech(response: Response): AsyncGenerator<Speech> {
  const type = response.headers.get("content-type") ?? "";
  let decoder: SpeechDecoder | undefined;
  let head: Uint8Array = new Uint8Array();
  let spoken = false;
  try {
    for await (const bytes of response.body ?? []) {
      head = concat(head, bytes);
      if (decoder === undefined && head.length < MARK_BYTES) continue;
      decoder ??= await createSpeechDecoder(formOf(type, head), type);
      const speech = attempt(decoder, head);
      head = new Uint8Array();
      if (speech.samples.length > 0) yield speech;
      spoken ||= speech.samples.length > 0;
    }
  } finally {
    decoder?.[Symbol.dispose]();
  }
  if (!spoken) throw malformed("sent no speech");
}

/** What the first bytes say goes before what the server says: some call everything `application/octet-stream`. */
function formOf(type: string, head: Uint8Array): Form {
  const begin = new TextDecoder("latin1").decode(head.subarray(0, MARK_BYTES));
  for (const [mark, form] of Object.entries(MARKS)) if (begin.startsWith(mark)) return form;
  if (/^audio\/(x-|vnd\.)?wave?\b/i.test(type)) return "wav";
  if (/^audio\/(x-)?(mpeg|mp3)\b/i.test(type)) return "mp3";
  if (PCM.test(type) && !OTHER_PCM.test(type)) return "pcm";
  throw malformed("sent what is no speech, or in a form that was not asked for");
}

async function createSpeechDecoder(form: Form, type: string): Promise<SpeechDecoder> {
  if (form === "mp3") return await createMp3Decoder();
  if (form === "wav") {
    const wav = createWavDecoder();
    return {
      decode: (bytes) => ({ samples: wav.decode(bytes), sampleRate: wav.sampleRate ?? 0 }),
      [Symbol.dispose]: () => {},
    };
  }
  const decode = createDecoder("pcm16");
  const sampleRate = Number(/\brate="?(\d+)/i.exec(type)?.[1] ?? PCM_RATE);
  return {
    decode: (bytes) => ({ samples: decode(bytes), sampleRate }),
    [Symbol.dispose]: () => {},
  };
}

function attempt(decoder: SpeechDecoder, bytes: Uint8Array): Speech {
  try {
    return decoder.decode(bytes);
  } catch {
    throw malformed("sent what is no speech");
  }
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

function malformed(what: string): EngineError {
  return new EngineError(`${OPENAI} ${what}`, { engine: OPENAI, failure: "malformed" });
}
