import { encodeSamples } from "@/audio/codec.ts";
import { decodeWav } from "@/audio/wav.ts";
import { speakable } from "@/pipeline/speakable.ts";
import { wordErrors, words } from "./user_speech.ts";
import { connect, type VoiceClient } from "./voice_client.ts";

/** A clip of the recordings, as their manifest describes it. */
export interface Clip {
  readonly file: string;
  /** `""`: nobody speaks; `null`: nobody knows. */
  readonly transcript: string | null;
  /** False: from a recogniser, not from a person. */
  readonly transcript_verified?: boolean;
  readonly language: string;
  /** Hz. */
  readonly sample_rate: number;
  /** Id of the clip that it is another rate of. */
  readonly variant_of?: string;
}

/** What a server made of a clip. */
export interface HeardClip {
  readonly clip: Clip;
  /** One for each turn that it found. */
  readonly transcripts: readonly string[];
  /** How many responses it began by itself. */
  readonly responses: number;
}

/** How many words a server understood. */
export interface WordScore {
  readonly words: number;
  /** Substitutions, insertions and deletions. */
  readonly errors: number;
  /** The clips that are not quite right, each with what was heard. */
  readonly wrong: readonly string[];
}

/** Folder of the recordings. */
export const SPEECH_DIR: string = Deno.env.get("SPEECH_DIR") ||
  new URL("../../../shared/speech", import.meta.url).pathname;

/** Silence behind a clip, in ms: longer than the one that ends a turn. */
const SILENCE_MS = 1000;

/** Every clip there is; none where the folder is absent. */
export function readClips(): Clip[] {
  try {
    return JSON.parse(Deno.readTextFileSync(`${SPEECH_DIR}/manifest.json`)).clips;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** Whether the words of a clip are known, English, and not those of another clip at another rate. */
export function isScored({ transcript, transcript_verified, language, variant_of }: Clip): boolean {
  return language === "en" && !!transcript && transcript_verified !== false &&
    variant_of === undefined;
}

/** Whether a clip holds no speech. */
export function isWordless({ transcript }: Clip): boolean {
  return transcript === "";
}

/**
 * Lets a server hear clips, each in a session of its own and as fast as it takes them: the server counts silence
 * in samples, not in seconds.
 *
 * @param url `ws://host:port/v1/realtime?…`
 */
export async function hearClips(
  url: string,
  clips: readonly Clip[],
  { sessions = 2 }: { readonly sessions?: number } = {},
): Promise<HeardClip[]> {
  const heard: HeardClip[] = [];
  const left = clips.entries();
  await Promise.all(Array.from({ length: sessions }, async () => {
    for (const [index, clip] of left) heard[index] = await hearClip(url, clip);
  }));
  return heard;
}

/** Compares what was heard with what was said, word by word, numbers in words. */
export function scoreWords(heard: readonly HeardClip[]): WordScore {
  const scores = heard.map(({ clip, transcripts }) => {
    const said = spelledWords(clip.transcript ?? "");
    const text = transcripts.join(" ");
    return { clip, text, words: said.length, errors: wordErrors(said, spelledWords(text)) };
  });
  return {
    words: scores.reduce((sum, { words }) => sum + words, 0),
    errors: scores.reduce((sum, { errors }) => sum + errors, 0),
    wrong: scores.filter(({ errors }) => errors > 0).map(({ clip, text, errors }) =>
      `${clip.file}: ${errors} in "${text}"`
    ),
  };
}

/** "He paid Mr. Lee $10 in 1813" and "he paid mister lee ten dollars in eighteen thirteen" are the same words. */
function spelledWords(text: string): string[] {
  return words(speakable(text));
}

async function hearClip(url: string, clip: Clip): Promise<HeardClip> {
  const { samples, sampleRate } = decodeWav(Deno.readFileSync(`${SPEECH_DIR}/${clip.file}`));
  await using client = await connect({
    url,
    session: {
      output_modalities: ["text"],
      audio: { input: { format: { type: "audio/pcm", rate: sampleRate }, transcription: {} } },
    },
  });
  const padded = new Float32Array(samples.length + sampleRate * SILENCE_MS / 1000);
  padded.set(samples);

  client.pour(encodeSamples(padded, "pcm16"));
  return { clip, ...await heardBy(client) };
}

/** Waits until all that was said is written down, and answered if it is to be. */
async function heardBy(client: VoiceClient): Promise<Pick<HeardClip, "transcripts" | "responses">> {
  const events = (type: string) =>
    client.received.map(({ event }) => event).filter((event) => event.type === type);
  client.send({ type: "input_audio_buffer.clear" }); // answered behind all audio
  await client.next(({ type }) => type === "input_audio_buffer.cleared");
  const transcripts = await Promise.all(
    events("input_audio_buffer.committed").map(async ({ item_id }) => {
      const { transcript } = await client.next((event) =>
        event.type === "conversation.item.input_audio_transcription.completed" &&
        event.item_id === item_id
      );
      return transcript;
    }),
  );
  await client.settled();
  const responses = events("response.created");
  for (const { response } of responses) {
    await client.next((event) =>
      event.type === "response.done" && event.response.id === response.id
    );
  }
  return { transcripts, responses: responses.length };
}
