import { encodeSamples } from "@/audio/codec.ts";
import { encodeMp3 } from "@/audio/mp3_encoder.ts";
import { encodeOggOpus } from "@/audio/ogg_opus_encoder.ts";
import { streamingWavHeader } from "@/audio/wav_header.ts";

/** Rate of the speech that is encoded, in Hz: OpenAI's, and one that all the formats know. */
export const SPEECH_RATE = 24_000;

/** Speech in pieces: mono, −1 to 1, at {@linkcode SPEECH_RATE}. */
export type SpeechSamples = AsyncIterable<Float32Array<ArrayBuffer>>;

/** Writes speech as the bytes of a file, each as soon as it is known. The file has no end until the speech has one. */
export type SpeechEncoder = (speech: SpeechSamples) => AsyncGenerator<Uint8Array<ArrayBuffer>>;

/** A format that speech can be written in. */
export type SpeechFormat = "mp3" | "opus" | "wav" | "pcm";

/**
 * How speech is written: MP3 at 64 kbit/s, Opus in Ogg at 32 kbit/s, WAV, or its bare 16-bit little-endian samples.
 */
export const SPEECH_ENCODERS: Readonly<Record<SpeechFormat, SpeechEncoder>> = {
  mp3: (speech) => encodeMp3(speech, SPEECH_RATE),
  opus: (speech) => encodeOggOpus(speech, SPEECH_RATE),
  wav: encodeWavFile,
  pcm: encodePcm,
};

async function* encodeWavFile(speech: SpeechSamples): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  yield streamingWavHeader(SPEECH_RATE);
  yield* encodePcm(speech);
}

async function* encodePcm(speech: SpeechSamples): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for await (const samples of speech) yield encodeSamples(samples, "pcm16");
}
