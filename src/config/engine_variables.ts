import { resolve } from "node:path";
import { z } from "zod";
import { baseUrl, headerKey, splitAt, splitList, url, wholeNumber } from "@/config/values.ts";
import type { ConfigProblem } from "@/errors.ts";

/** The kinds of engines: what tells speech from silence, writes it down, thinks, and speaks. */
export type EngineKind = "vad" | "asr" | "llm" | "tts";

/** Names of the engines there are, by kind. */
export type KnownEngines = Readonly<Record<EngineKind, readonly string[]>>;

/** The engines that need nothing but this program. */
const EMBEDDED: Readonly<Record<EngineKind, string>> = {
  vad: "silero",
  asr: "moonshine",
  llm: "scripted",
  tts: "flite",
};

/** A server that speaks OpenAI's HTTP API, and how one kind of engine asks it. */
export interface OpenAiEndpoint {
  /** Ends in `/v1` as a rule; `undefined` is OpenAI's own. */
  readonly baseUrl: string | undefined;
  /** `undefined` for servers that ask for none. */
  readonly apiKey: string | undefined;
  /** The engine's own default without it. */
  readonly model: string | undefined;
}

/** Where the engines outside this process are. */
export interface RemoteEngines {
  /** The engines `openai`, by kind. */
  readonly openai: Readonly<Record<"asr" | "llm" | "tts", OpenAiEndpoint>>;
  /** WebSocket of Edge's voices; `undefined` is the public endpoint. */
  readonly edgeTtsUrl: string | undefined;
  /** How Edge's voices differ from their natural ones, as SSML writes it: `"+10Hz"`, `"-20%"`. */
  readonly edgeProsody: { readonly pitch: string; readonly volume: string };
  /** WebSocket of a FunASR server. */
  readonly funasrUrl: string;
  /** A Coqui TTS server. */
  readonly coquiUrl: string;
}

const HTTP = ["http:", "https:"];
const WS = ["ws:", "wss:"];

/** Names in failover order; `auto` alone. */
const EngineList = z.string().default("auto").transform(splitList).superRefine((names, context) => {
  if (names.length === 0) context.addIssue("names no engine");
  if (names.length > 1 && names.includes("auto")) {
    context.addIssue("auto stands alone, not in a list");
  }
  if (new Set(names).size < names.length) context.addIssue("names an engine twice");
});

const OPENAI_FIRST = "`auto` is `openai` where a key or base URL is set, then";

/** The variables that choose engines and say where they are. */
export const ENGINE_VARIABLES = {
  VAD: EngineList.meta({
    description: "what tells speech from silence; `auto` is `silero`",
  }),
  ASR: EngineList.meta({
    description:
      `what recognises speech, or a list in failover order; ${OPENAI_FIRST} \`moonshine\``,
  }),
  LLM: EngineList.meta({ description: `what thinks, or a list; ${OPENAI_FIRST} \`scripted\`` }),
  TTS: EngineList.meta({ description: `what speaks, or a list; ${OPENAI_FIRST} \`flite\`` }),
  OPENAI_API_KEY: headerKey().optional().meta({ description: "key of the engines `openai`" }),
  OPENAI_BASE_URL: baseUrl(HTTP).optional().meta({
    description: "server of the engines `openai`, e.g. `http://127.0.0.1:11434/v1`",
    unset: "OpenAI's",
  }),
  ASR_BASE_URL: baseUrl(HTTP).optional().meta({
    description: "`OPENAI_BASE_URL` for speech recognition alone",
  }),
  ASR_API_KEY: headerKey().optional().meta({
    description: "`OPENAI_API_KEY` for speech recognition alone",
  }),
  ASR_MODEL: z.string().optional().meta({
    description: "model that `ASR=openai` asks for",
    unset: "the engine's",
  }),
  LLM_BASE_URL: baseUrl(HTTP).optional().meta({
    description: "`OPENAI_BASE_URL` for the language model alone",
  }),
  LLM_API_KEY: headerKey().optional().meta({
    description: "`OPENAI_API_KEY` for the language model alone",
  }),
  LLM_MODEL: z.string().optional().meta({
    description: "model that `LLM=openai` asks for",
    unset: "the engine's",
  }),
  TTS_BASE_URL: baseUrl(HTTP).optional().meta({
    description: "`OPENAI_BASE_URL` for speech alone",
  }),
  TTS_API_KEY: headerKey().optional().meta({
    description: "`OPENAI_API_KEY` for speech alone",
  }),
  TTS_MODEL: z.string().optional().meta({
    description: "model that `TTS=openai` asks for",
    unset: "the engine's",
  }),
  EDGE_TTS_URL: baseUrl(WS).optional().meta({
    description: "WebSocket of the engine `edge`",
    unset: "the public one",
  }),
  EDGE_TTS_PITCH: z.string()
    .regex(/^[+-]\d{1,3}(Hz|%)$/, "must be a change such as +10Hz or -5%")
    .default("+0Hz")
    .meta({ description: "how much higher or lower than natural the voices of `edge` speak" }),
  EDGE_TTS_VOLUME: z.string()
    .regex(/^[+-]\d{1,3}%$/, "must be a change such as +10% or -20%")
    .default("+0%")
    .meta({ description: "how much louder or softer the voices of `edge` speak" }),
  FUNASR_URL: url(WS).default("ws://127.0.0.1:10095").meta({
    description: "server of the engine `funasr`",
  }),
  COQUI_URL: url(HTTP).default("http://127.0.0.1:5002").meta({
    description: "server of the engine `coqui`",
  }),
  TTS_CACHE_MB: wholeNumber(0, 65_536).default(64).meta({
    description: "speech kept in memory for texts that come again; `0` keeps none",
  }),
  TTS_CACHE_DIR: z.string().transform((path) => resolve(path)).optional().meta({
    description:
      "folder for as much speech again, which a restart does not lose; without it nothing that was said is written down",
  }),
  TTS_PREWARM: z.string().default("").transform((texts) => splitAt(texts, "|")).meta({
    description:
      "greetings and fillers to speak at start, so that they are there at once, separated by `|`",
  }),
};

const EngineValues = z.object(ENGINE_VARIABLES);

/** What {@linkcode ENGINE_VARIABLES} make of an environment. */
export type EngineValues = z.infer<typeof EngineValues>;

/**
 * The engine of each kind by name, in failover order. `auto` is `openai` first where a key or a base URL is set,
 * then the embedded one.
 */
export function chooseEngines(
  values: EngineValues,
  known: KnownEngines,
): Readonly<Record<EngineKind, readonly string[]>> {
  const { openai } = remoteEngines(values);
  function choose(kind: EngineKind, names: readonly string[]): readonly string[] {
    if (names[0] !== "auto") return names;
    const remote = kind !== "vad" && isSet(openai[kind]) && known[kind].includes("openai");
    return remote ? ["openai", EMBEDDED[kind]] : [EMBEDDED[kind]];
  }
  return {
    vad: choose("vad", values.VAD),
    asr: choose("asr", values.ASR),
    llm: choose("llm", values.LLM),
    tts: choose("tts", values.TTS),
  };
}

/** Where the remote engines are: what is set for a kind goes before what is set for all. */
export function remoteEngines(values: EngineValues): RemoteEngines {
  const { OPENAI_BASE_URL, OPENAI_API_KEY } = values;
  return {
    openai: {
      asr: {
        baseUrl: values.ASR_BASE_URL ?? OPENAI_BASE_URL,
        apiKey: values.ASR_API_KEY ?? OPENAI_API_KEY,
        model: values.ASR_MODEL,
      },
      llm: {
        baseUrl: values.LLM_BASE_URL ?? OPENAI_BASE_URL,
        apiKey: values.LLM_API_KEY ?? OPENAI_API_KEY,
        model: values.LLM_MODEL,
      },
      tts: {
        baseUrl: values.TTS_BASE_URL ?? OPENAI_BASE_URL,
        apiKey: values.TTS_API_KEY ?? OPENAI_API_KEY,
        model: values.TTS_MODEL,
      },
    },
    edgeTtsUrl: values.EDGE_TTS_URL,
    edgeProsody: { pitch: values.EDGE_TTS_PITCH, volume: values.EDGE_TTS_VOLUME },
    funasrUrl: values.FUNASR_URL,
    coquiUrl: values.COQUI_URL,
  };
}

/**
 * Engines that do not exist, and an `openai` that has no server to ask.
 *
 * @param env As it is: what is wrong elsewhere keeps nothing of this from being told.
 */
export function engineProblems(
  env: Readonly<Record<string, string>>,
  known: KnownEngines,
): ConfigProblem[] {
  return (["vad", "asr", "llm", "tts"] as const).flatMap((kind) => {
    const variable = kind.toUpperCase();
    const names = splitList(env[variable] ?? "auto");
    const messages = names
      .filter((name) => name !== "auto" && !known[kind].includes(name))
      .map((name) => `there is no "${name}". Known ones: auto, ${known[kind].join(", ")}`);
    const server = ["OPENAI", variable].flatMap((
      of,
    ) => [env[`${of}_API_KEY`], env[`${of}_BASE_URL`]]);
    if (names.includes("openai") && server.every((value) => value === undefined)) {
      messages.push(
        `names openai, which needs OPENAI_API_KEY, or the server's ${variable}_BASE_URL`,
      );
    }
    return messages.map((message) => ({ variable, message }));
  });
}

/** What asks for a cache that is turned off. */
export function cacheProblems(env: Readonly<Record<string, string>>): ConfigProblem[] {
  if (!/^0+$/.test(env.TTS_CACHE_MB ?? "")) return [];
  return ["TTS_CACHE_DIR", "TTS_PREWARM"]
    .filter((variable) => variable in env)
    .map((variable) => ({ variable, message: "needs a cache, but TTS_CACHE_MB is 0" }));
}

function isSet({ baseUrl, apiKey }: OpenAiEndpoint): boolean {
  return baseUrl !== undefined || apiKey !== undefined;
}
