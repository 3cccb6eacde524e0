import { resolve } from "node:path";
import { z } from "zod";
import {
  AUTH_VARIABLES,
  type AuthConfig,
  authProblems,
  readAuth,
} from "@/config/auth_variables.ts";
import {
  cacheProblems,
  chooseEngines,
  ENGINE_VARIABLES,
  type EngineKind,
  engineProblems,
  type KnownEngines,
  type RemoteEngines,
  remoteEngines,
} from "@/config/engine_variables.ts";
import { describeVariables, type VariableDescription } from "@/config/describe_variables.ts";
import { LIMIT_VARIABLES, type Limits, readLimits } from "@/config/limit_variables.ts";
import { exposureOf, LISTEN_VARIABLES } from "@/config/listen_variables.ts";
import { STORE_VARIABLES, storeProblems } from "@/config/store_variables.ts";
import { LOG_VARIABLES, type LogLevels } from "@/config/log_variables.ts";
import { canonicalLanguage, readOrigins, wholeNumber } from "@/config/values.ts";
import { ConfigError, type ConfigProblem } from "@/errors.ts";

export type { AuthConfig, TokenConfig } from "@/config/auth_variables.ts";
export type { EngineKind, KnownEngines } from "@/config/engine_variables.ts";

/**
 * All that the server is told from outside, complete and read-only. `loadConfig` makes it of an environment.
 */
export interface Config {
  /** Address to listen on. Loopback unless told otherwise. */
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** Files of the certificate and its key, absolute: https and wss. Without them, http and ws. */
  readonly tls: { readonly certPath: string; readonly keyPath: string } | undefined;
  /** Folder of the model files, absolute. */
  readonly modelsDir: string;
  /** A file, `:memory:`, the URL of a KV Connect server, or `default` for the host's own store. */
  readonly kvPath: string;
  /** Engines of each kind by name, in failover order. */
  readonly engines: Readonly<Record<EngineKind, readonly string[]>>;
  /** Where the engines outside this process are. */
  readonly remote: RemoteEngines;
  /** Speech kept for texts that come again, in MB; 0 keeps none. */
  readonly ttsCacheMb: number;
  /** Folder that keeps as much speech over a restart, absolute; without it none does. */
  readonly ttsCacheDir: string | undefined;
  /** Texts to speak at start, so that they are kept when they are needed. */
  readonly ttsPrewarm: readonly string[];
  /** Voice of a session that names none; the engine's own default without it. */
  readonly voice: string | undefined;
  /** BCP 47 tag of the conversation. */
  readonly language: string;
  /** Persona of a session that brings none. */
  readonly instructions: string;
  /** What callers must show; `"none"` lets everybody in. */
  readonly auth: AuthConfig | "none";
  /** Names that requests may be addressed to. */
  readonly hosts: "any" | "loopback";
  /** Origins of other sites whose pages may connect; `"*"` for all. The server's own page always may. */
  readonly corsOrigins: readonly string[] | "*";
  /** Minutes until a session ends by itself. */
  readonly maxSessionMinutes: number;
  /** Hours until an unused session is forgotten. */
  readonly sessionTtlHours: number;
  /** Recogniser Workers; 0 runs inference in the main isolate. */
  readonly inferenceWorkers: number;
  /** What callers may do, at most. */
  readonly limits: Limits;
  /** Least severe messages that are logged. */
  readonly logLevels: LogLevels;
  /** Text for people, or one JSON object a line. */
  readonly logFormat: "text" | "json";
}

const DEFAULT_INSTRUCTIONS =
  "You are a friendly voice assistant. Answer in one to three short spoken sentences, without lists or markup.";

/** A variable that is set is one of these strings; a blank one counts as not set. */
const Environment = z.object({
  ...LISTEN_VARIABLES,
  TLS_CERT: z.string().transform((path) => resolve(path)).optional().meta({
    description: "file of a certificate, in PEM: serves https and wss; takes `TLS_KEY` too",
  }),
  TLS_KEY: z.string().transform((path) => resolve(path)).optional().meta({
    description: "file of its private key, in PEM without a passphrase; both are read at the start",
  }),
  MODELS_DIR: z.string().default("models").transform((path) => resolve(path)).meta({
    description: "folder of the models",
  }),
  ...STORE_VARIABLES,
  ...ENGINE_VARIABLES,
  TTS_VOICE: z.string().optional().meta({
    description: "voice of sessions that name none; Flite has `slt`, `awb`, `rms`, `kal16`",
    unset: "the engine's first",
  }),
  LANGUAGE: z.string().default("en").transform(canonicalLanguage).meta({
    description: "language of the conversation",
  }),
  INSTRUCTIONS: z.string().default(DEFAULT_INSTRUCTIONS).meta({
    description: "instructions of sessions that bring none",
    unset: "a short persona",
  }),
  ...AUTH_VARIABLES,
  CORS_ORIGINS: z.string().default("").transform(readOrigins).meta({
    description: "other sites whose pages may connect, separated by commas, or `*`",
  }),
  MAX_SESSION_MINUTES: wholeNumber(1, 1440).default(60).meta({
    description: "how long a session may last",
  }),
  SESSION_TTL_HOURS: wholeNumber(1, 87_600).default(720).meta({
    description: "how long an unused session is remembered",
  }),
  INFERENCE_WORKERS: wholeNumber(0, 256)
    .default(Math.max(1, navigator.hardwareConcurrency - 1)).meta({
      description:
        "Workers for speech recognition; `0` runs all models in the main isolate, as on Deno Deploy",
      unset: "cores − 1",
    }),
  ...LIMIT_VARIABLES,
  ...LOG_VARIABLES,
});

/** Every variable that {@linkcode loadConfig} reads, and what it means. */
export const DESCRIBED_VARIABLES: readonly VariableDescription[] = describeVariables(
  Environment.shape,
);

/** Their names. */
export const VARIABLES: readonly string[] = DESCRIBED_VARIABLES.map(({ name }) => name);

/**
 * Makes the configuration of an environment. A blank variable counts as one that is not set.
 *
 * @throws {ConfigError} With every problem at once.
 */
export function loadConfig(
  env: Readonly<Record<string, string | undefined>>,
  known: KnownEngines,
): Config {
  const given: Settings = Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => value?.trim() ? [[name, value.trim()]] : []),
  );
  const set = { ...givenByHost(given), ...given };
  const result = Environment.safeParse(set);
  const problems: ConfigProblem[] = [
    ...storeProblems(set),
    ...authProblems(set),
    ...engineProblems(set, known),
    ...cacheProblems(set),
    ...tlsProblems(set),
    ...(result.error?.issues ?? []).map(({ path, message }) => ({
      variable: String(path[0]),
      message,
    })),
  ];
  if (!result.success || problems.length > 0) throw new ConfigError(problems);

  const { data } = result;
  const auth = readAuth(data);
  return {
    host: data.HOST,
    port: data.PORT,
    tls: data.TLS_CERT === undefined || data.TLS_KEY === undefined
      ? undefined
      : { certPath: data.TLS_CERT, keyPath: data.TLS_KEY },
    modelsDir: data.MODELS_DIR,
    kvPath: data.KV_PATH,
    engines: chooseEngines(data, known),
    remote: remoteEngines(data),
    ttsCacheMb: data.TTS_CACHE_MB,
    ttsCacheDir: data.TTS_CACHE_DIR,
    ttsPrewarm: data.TTS_PREWARM,
    voice: data.TTS_VOICE,
    language: data.LANGUAGE,
    instructions: data.INSTRUCTIONS,
    auth,
    // else a site whose name is made to mean this machine could pass for the server's own page
    hosts: auth === "none" && data.AUTH === "auto" ? "loopback" : "any",
    corsOrigins: data.CORS_ORIGINS,
    maxSessionMinutes: data.MAX_SESSION_MINUTES,
    sessionTtlHours: data.SESSION_TTL_HOURS,
    inferenceWorkers: data.INFERENCE_WORKERS,
    limits: readLimits(data, auth === "none" && exposureOf(set) === undefined),
    logLevels: data.LOG_LEVEL,
    logFormat: data.LOG_FORMAT,
  };
}

type Settings = Readonly<Record<string, string>>;

/**
 * What fits Deno Deploy, where it is not set. Files are lost there with their instance, and an instance may take
 * 768 MB: measured, the embedded models take 610 MB in the main isolate, and 870 MB in Workers.
 */
function givenByHost({ DENO_DEPLOY }: Settings): Settings {
  return DENO_DEPLOY === undefined ? {} : { KV_PATH: "default", INFERENCE_WORKERS: "0" };
}

/** Without its other half neither the certificate nor the key does anything. */
function tlsProblems({ TLS_CERT, TLS_KEY }: Settings): ConfigProblem[] {
  if ((TLS_CERT === undefined) === (TLS_KEY === undefined)) return [];
  return TLS_CERT === undefined
    ? [{ variable: "TLS_KEY", message: "is set, yet TLS_CERT is not: https takes both" }]
    : [{ variable: "TLS_CERT", message: "is set, yet TLS_KEY is not: https takes both" }];
}
