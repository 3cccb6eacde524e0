import { resolve } from "node:path";
import { z } from "zod";
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
import { LIMIT_VARIABLES, type Limits, readLimits } from "@/config/limit_variables.ts";
import { canonicalLanguage, readOrigins, splitList, wholeNumber } from "@/config/values.ts";
import { ConfigError, type ConfigProblem } from "@/errors.ts";

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
  /** Whether callers must show one of `apiKeys`. */
  readonly auth: "none" | "keys";
  /** Empty unless `auth` is `keys`. */
  readonly apiKeys: readonly string[];
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
  readonly logLevel: "debug" | "info" | "warning" | "error";
  /** Text for people, or one JSON object a line. */
  readonly logFormat: "text" | "json";
}

const DEFAULT_INSTRUCTIONS =
  "You are a friendly voice assistant. Answer in one to three short spoken sentences, without lists or markup.";

/**
 * What an operator would rely on and this version does not do. Ignoring it would leave them less safe than they
 * think.
 */
const UNSUPPORTED: Readonly<Record<string, string>> = {
  JWT_SECRET: "tokens are not supported yet: use API_KEYS",
  JWKS_URL: "tokens are not supported yet: use API_KEYS",
  JWT_ISSUER: "tokens are not supported yet: use API_KEYS",
  JWT_AUDIENCE: "tokens are not supported yet: use API_KEYS",
};

/** A variable that is set is one of these strings; a blank one counts as not set. */
const Environment = z.object({
  HOST: z.string().regex(/^[\w.:-]+$/, "must be a host name or an IP address")
    .default("127.0.0.1"),
  PORT: wholeNumber(0, 65_535).default(8000),
  TLS_CERT: z.string().transform((path) => resolve(path)).optional(),
  TLS_KEY: z.string().transform((path) => resolve(path)).optional(),
  MODELS_DIR: z.string().default("models").transform((path) => resolve(path)),
  KV_PATH: z.string().default("data/chatai.kv").refine(
    (path) => !/^\w+:\/\//.test(path) || (/^https?:/.test(path) && URL.canParse(path)),
    "must be a file, :memory:, default, or the http(s) URL of a KV Connect server",
  ),
  ...ENGINE_VARIABLES,
  TTS_VOICE: z.string().optional(),
  LANGUAGE: z.string().default("en").transform(canonicalLanguage),
  INSTRUCTIONS: z.string().default(DEFAULT_INSTRUCTIONS),
  AUTH: z.enum(["auto", "none"], "must be auto or none").default("auto"),
  API_KEYS: z.string().default("").transform(splitList).pipe(
    z.array(
      z.string()
        .regex(/^[\x21-\x7e]+$/, "a key must be of printable ASCII characters, without spaces")
        .refine((key) => !key.startsWith("sha256:"), "hashed keys are not supported yet")
        .refine((key) => !key.startsWith("ek_"), "a key must not begin as client secrets do: ek_"),
    ),
  ),
  CORS_ORIGINS: z.string().default("").transform(readOrigins),
  MAX_SESSION_MINUTES: wholeNumber(1, 1440).default(60),
  SESSION_TTL_HOURS: wholeNumber(1, 87_600).default(720),
  INFERENCE_WORKERS: wholeNumber(0, 256)
    .default(Math.max(1, navigator.hardwareConcurrency - 1)),
  ...LIMIT_VARIABLES,
  LOG_LEVEL: z.enum(["debug", "info", "warning", "error"], {
    error: "must be debug, info, warning or error",
  }).default("info"),
  LOG_FORMAT: z.enum(["text", "json"], "must be text or json").default("text"),
});

/** Every variable that {@linkcode loadConfig} reads. */
export const VARIABLES: readonly string[] = [
  ...Object.keys(Environment.shape),
  ...Object.keys(UNSUPPORTED),
];

/**
 * Makes the configuration of an environment. A blank variable counts as one that is not set.
 *
 * @throws {ConfigError} With every problem at once.
 */
export function loadConfig(
  env: Readonly<Record<string, string | undefined>>,
  known: KnownEngines,
): Config {
  const set = Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => value?.trim() ? [[name, value.trim()]] : []),
  );
  const result = Environment.safeParse(set);
  const problems: ConfigProblem[] = [
    ...unsupported(set),
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
    auth: data.API_KEYS.length > 0 ? "keys" : "none",
    apiKeys: data.API_KEYS,
    corsOrigins: data.CORS_ORIGINS,
    maxSessionMinutes: data.MAX_SESSION_MINUTES,
    sessionTtlHours: data.SESSION_TTL_HOURS,
    inferenceWorkers: data.INFERENCE_WORKERS,
    limits: readLimits(data, data.API_KEYS.length === 0 && isLoopback(data.HOST)),
    logLevel: data.LOG_LEVEL,
    logFormat: data.LOG_FORMAT,
  };
}

type Settings = Readonly<Record<string, string>>;

function unsupported(env: Settings): ConfigProblem[] {
  return Object.entries(UNSUPPORTED)
    .filter(([variable]) => variable in env)
    .map(([variable, message]) => ({ variable, message }));
}

/** Whoever can reach the server may use it: that must be a decision, not an accident. */
function authProblems({ HOST, AUTH, API_KEYS }: Settings): ConfigProblem[] {
  const keys = splitList(API_KEYS ?? "").length > 0;
  if (AUTH === "none" && keys) {
    return [{
      variable: "AUTH",
      message: "is none, yet API_KEYS is set: unset the one or the other",
    }];
  }
  if (AUTH === "none" || keys || HOST === undefined || isLoopback(HOST)) return [];
  return [{
    variable: "HOST",
    message: [
      `${HOST} lets other machines in, and no authentication is configured. Set one of these:`,
      "      API_KEYS=<a long random key>   # callers must show it",
      "      AUTH=none                      # everyone who can reach the port may use it",
    ].join("\n"),
  }];
}

/** Without its other half neither the certificate nor the key does anything. */
function tlsProblems({ TLS_CERT, TLS_KEY }: Settings): ConfigProblem[] {
  if ((TLS_CERT === undefined) === (TLS_KEY === undefined)) return [];
  return TLS_CERT === undefined
    ? [{ variable: "TLS_KEY", message: "is set, yet TLS_CERT is not: https takes both" }]
    : [{ variable: "TLS_CERT", message: "is set, yet TLS_KEY is not: https takes both" }];
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}
