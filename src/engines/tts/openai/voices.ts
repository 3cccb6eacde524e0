import { APIError } from "openai";
import { z } from "zod";
import type { OpenAiServer } from "@/engines/openai/server.ts";

/** OpenAI's voices. Other servers often have voices of their own by some of these names. */
export const OPENAI_VOICES = [
  "alloy",
  "ash",
  "ballad",
  "coral",
  "echo",
  "fable",
  "onyx",
  "nova",
  "sage",
  "shimmer",
  "verse",
  "marin",
  "cedar",
] as const;

/** Voices that are remembered as refused. Clients name them, so there could be any number. */
const MAX_REFUSED = 1000;

const Voices = z.object({
  voices: z.array(
    z.union([z.string(), z.object({ id: z.string() }).transform(({ id }) => id)]),
  ),
});

/**
 * Lists a server's own voices, as Kokoro-FastAPI does at `/audio/voices`: names, or objects with an id.
 *
 * @throws {EngineError} if it has no such list.
 */
export async function listVoices(
  server: OpenAiServer,
): Promise<readonly string[]> {
  const { signal } = new AbortController();
  const [voices] = await Array.fromAsync(server.answer(async (own) => {
    const answer: unknown = await server.client.get("/audio/voices", { signal: own });
    return ReadableStream.from([Voices.parse(answer).voices]);
  }, { signal }));
  return voices ?? [];
}

/** Knows which voice to ask a server for. */
export interface VoiceChoice {
  /** The default voice first. */
  readonly voices: readonly string[];
  /**
   * Asks with a voice, and where the server refuses it with the next best, which is remembered. The operator's voice
   * is tried whatever the server lists. So is any other where it lists none, or where it lists all voices that the
   * name blends.
   *
   * @throws what the last try threw.
   */
  ask<T>(voice: string | undefined, request: (voice: string) => Promise<T>): Promise<T>;
}

/** What is known of a server's voices. */
export interface VoiceChoiceOptions {
  /** Those it has; empty where it does not say. */
  readonly served: readonly string[];
  /** The operator's. */
  readonly preferred: string | undefined;
}

/** Chooses among the voices of one server. */
export function createVoiceChoice({ served, preferred }: VoiceChoiceOptions): VoiceChoice {
  const refused = new Set<string>();
  const known = served.length > 0 ? served : OPENAI_VOICES;
  const may = (voice: string) =>
    served.length === 0 || voice === preferred || served.includes(voice) ||
    blendedIn(voice).every((part) => served.includes(part));
  const voices = [...new Set([...preferred === undefined ? [] : [preferred], ...known])];

  return {
    voices,
    async ask(voice, request) {
      const candidates = [...new Set([voice, voices[0], known[0]])]
        .filter((name): name is string => name !== undefined && may(name) && !refused.has(name));
      const failed: string[] = [];
      let last: unknown;
      for (const name of candidates.length > 0 ? candidates : [known[0]!]) {
        try {
          const answer = await request(name);
          if (refused.size < MAX_REFUSED) failed.forEach((each) => refused.add(each));
          return answer;
        } catch (error) {
          if (!isRefusal(error)) throw error;
          failed.push(name);
          last = error;
        }
      }
      throw last;
    },
  };
}

/** The voices that a name blends, as Kokoro-FastAPI reads it: `af_bella(2)+af_sky(1)-af_nova`, weights in parentheses. */
function blendedIn(voice: string): readonly string[] {
  return voice.split(/[-+]/).map((part) => part.trim().replace(/\([\d.]+\)$/, ""));
}

function isRefusal(error: unknown): boolean {
  return error instanceof APIError && [400, 404, 422].includes(error.status);
}
