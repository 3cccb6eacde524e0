import { deepStrictEqual as deepEqual, match, ok } from "node:assert/strict";
import fc from "fast-check";
import { type Config, loadConfig, VARIABLES } from "@/config.ts";
import { ConfigError, type ConfigProblem } from "@/errors.ts";

const known = {
  vad: ["silero"],
  asr: ["moonshine", "whisper", "openai"],
  llm: ["scripted", "openai"],
  tts: ["flite", "edge", "openai"],
};

/** What may stand in a variable, and what may not. */
interface Values {
  readonly right: fc.Arbitrary<string>;
  /** Absent: all is right. */
  readonly wrong?: fc.Arbitrary<string>;
}

const text: Values = { right: fc.string({ minLength: 1 }) };

function wholeNumber(min: number, max: number): Values {
  return {
    right: fc.integer({ min, max }).map(String),
    wrong: fc.oneof(
      fc.integer({ min: max + 1 }).map(String),
      fc.integer({ max: min - 1 }).map(String),
      fc.constantFrom("1.5", "1e3", "0x10", "٣", "NaN", "Infinity", "ten", "1 2"),
    ),
  };
}

function oneOf(...values: string[]): Values {
  return {
    right: fc.constantFrom(...values),
    wrong: fc.constantFrom("?", ...values.map((value) => `${value}?`)),
  };
}

function url(scheme: "http" | "ws"): Values {
  return {
    right: fc.webUrl().map((address) => address.replace(/^http/, scheme)),
    wrong: fc.oneof(
      fc.domain(),
      fc.constantFrom("http", "ws").filter((other) => other !== scheme).map((other) =>
        `${other}://a`
      ),
      fc.constantFrom("ftp://a", "//a", `${scheme}://`),
    ),
  };
}

function engines(names: readonly string[]): Values {
  return {
    right: fc.oneof(
      fc.constant("auto"),
      fc.shuffledSubarray([...names], { minLength: 1 }).map((list) => list.join(" , ")),
    ),
    wrong: fc.constantFrom(",", "ears", `auto,${names[0]}`, `${names[0]},${names[0]}`),
  };
}

/** `wrong` in a list of what is right. */
function listOf(right: fc.Arbitrary<string>, wrong: fc.Arbitrary<string>): Values {
  const some = fc.array(right, { minLength: 1, maxLength: 3 });
  return {
    right: some.map((list) => list.join(",")),
    wrong: fc.tuple(some, wrong).map(([list, other]) => [...list, other].join(", ")),
  };
}

const digest = fc.string({
  unit: fc.constantFrom(..."0123456789abcdefABCDEF"),
  minLength: 64,
  maxLength: 64,
});
const key = fc.string({ unit: fc.constantFrom(..."abcXYZ019-_."), minLength: 16, maxLength: 40 });
const origin = fc.webUrl().map((address) => new URL(address).origin);

const VALUES: Readonly<Record<string, Values>> = {
  HOST: {
    right: fc.oneof(fc.ipV4(), fc.ipV6(), fc.domain(), fc.constant("localhost")),
    wrong: fc.constantFrom("a b", "http://a", "a,b", "[::1]"),
  },
  PORT: wholeNumber(0, 65_535),
  DENO_SERVE_ADDRESS: text,
  DENO_DEPLOY: text,
  TLS_CERT: text,
  TLS_KEY: text,
  MODELS_DIR: text,
  KV_PATH: {
    right: fc.oneof(fc.constantFrom(":memory:", "default", "data/a.kv"), fc.webUrl()),
    wrong: fc.constantFrom("redis://localhost", "file:///a.kv", "https://"),
  },
  DENO_KV_ACCESS_TOKEN: text,
  VAD: engines(known.vad),
  ASR: engines(known.asr),
  LLM: engines(known.llm),
  TTS: engines(known.tts),
  ...Object.fromEntries(
    ["OPENAI", "ASR", "LLM", "TTS"].flatMap((kind) => [
      [`${kind}_API_KEY`, text],
      [`${kind}_BASE_URL`, url("http")],
      [`${kind}_MODEL`, text],
    ]).filter(([name]) => name !== "OPENAI_MODEL"),
  ),
  EDGE_TTS_URL: url("ws"),
  EDGE_TTS_PITCH: {
    right: fc.integer({ min: 0, max: 999 }).map((change) => `+${change}Hz`),
    wrong: fc.constantFrom("high", '+0Hz"/>', "+1000Hz", "10%", "-5"),
  },
  EDGE_TTS_VOLUME: {
    right: fc.integer({ min: 0, max: 999 }).map((change) => `-${change}%`),
    wrong: fc.constantFrom("loud", "+10Hz", "+1000%", "10%"),
  },
  FUNASR_URL: url("ws"),
  COQUI_URL: url("http"),
  TTS_CACHE_MB: wholeNumber(1, 65_536),
  TTS_CACHE_DIR: text,
  TTS_PREWARM: text,
  TTS_VOICE: text,
  LANGUAGE: {
    right: fc.constantFrom("en", "de-ch", "zh-Hans-CN", "EN-us"),
    wrong: fc.constantFrom("!", "en_US", "e", "english language"),
  },
  INSTRUCTIONS: text,
  AUTH: { ...oneOf("auto", "none"), right: fc.constant("auto") },
  API_KEYS: listOf(
    fc.oneof(key, digest.map((hash) => `sha256:${hash}`)),
    fc.constantFrom("ek_mine", "sha256:abc", "with space", "schlüssel"),
  ),
  JWT_SECRET: {
    right: fc.string({ unit: fc.constantFrom(..."abc123"), minLength: 32 }),
    wrong: fc.string({ unit: fc.constantFrom(..."abc123"), minLength: 1, maxLength: 31 }),
  },
  JWKS_URL: {
    right: fc.webUrl({ validSchemes: ["https"] }),
    wrong: fc.oneof(fc.webUrl({ validSchemes: ["http"] }), fc.domain()),
  },
  JWT_ISSUER: text,
  JWT_AUDIENCE: text,
  CORS_ORIGINS: listOf(origin, fc.constantFrom("example.org", "https://a.example/", "*", "null")),
  MAX_SESSION_MINUTES: wholeNumber(1, 1440),
  SESSION_TTL_HOURS: wholeNumber(1, 87_600),
  INFERENCE_WORKERS: wholeNumber(0, 256),
  MAX_SESSIONS: wholeNumber(0, 100_000),
  MAX_SESSIONS_PER_CALLER: wholeNumber(0, 100_000),
  RATE_CONNECTIONS_PER_MINUTE: wholeNumber(0, 100_000),
  RATE_TURNS_PER_MINUTE: wholeNumber(0, 100_000),
  RATE_AUDIO_SECONDS_PER_MINUTE: wholeNumber(0, 100_000),
  IDLE_TIMEOUT_SECONDS: wholeNumber(0, 86_400),
  TRUSTED_PROXIES: listOf(
    fc.oneof(fc.ipV4(), fc.ipV6(), fc.ipV4().map((address) => `${address}/8`)),
    fc.constantFrom("proxy.example", "1.2.3", "10.0.0.0/33"),
  ),
  LOG_LEVEL: listOf(
    fc.constantFrom("debug", "info", "warning", "error", "chatai.asr=debug"),
    fc.constantFrom("loud", "chatai.asr=loud", "chatai.none=info"),
  ),
  LOG_FORMAT: oneOf("text", "json"),
};

/** What makes variables right that are so only beside others. */
const COMPANIONS = {
  TLS_CERT: "cert.pem",
  TLS_KEY: "key.pem",
  DENO_KV_ACCESS_TOKEN: "a token",
  OPENAI_API_KEY: "a key",
  JWT_SECRET: "0123456789abcdef0123456789abcdef",
};

/** Some variables, and what stands in each. */
function environment(
  values: (of: Values) => fc.Arbitrary<string>,
): fc.Arbitrary<Readonly<Record<string, string>>> {
  const shown = fc.record(
    Object.fromEntries(Object.entries(VALUES).map(([name, of]) => [name, values(of)])),
    { requiredKeys: [] },
  );
  return fc.tuple(shown, fc.shuffledSubarray(Object.keys(VALUES), { maxLength: 8 }))
    .map(([env, names]) =>
      Object.fromEntries(names.flatMap((n) => n in env ? [[n, env[n]!]] : []))
    );
}

/** Nothing but a `ConfigError` may be thrown: all else fails the test. */
function load(env: Readonly<Record<string, string>>): Config | readonly ConfigProblem[] {
  try {
    return loadConfig(env, known);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

function isWithin(value: number | undefined, min: number, max: number): void {
  ok(value === undefined || (Number.isInteger(value) && value >= min && value <= max), `${value}`);
}

/** Holds every value against what docs/operations.md says of it. */
function checkRanges(config: Config): void {
  match(config.host, /^[\w.:-]+$/);
  isWithin(config.port, 0, 65_535);
  isWithin(config.maxSessionMinutes, 1, 1440);
  isWithin(config.sessionTtlHours, 1, 87_600);
  isWithin(config.inferenceWorkers, 0, 256);
  isWithin(config.ttsCacheMb, 0, 65_536);
  const { maxSessions, idleTimeoutSeconds, trustedProxies: _, ...perCaller } = config.limits;
  if (maxSessions !== Infinity) isWithin(maxSessions, 1, 100_000);
  isWithin(idleTimeoutSeconds, 1, 86_400);
  for (const limit of Object.values(perCaller)) isWithin(limit, 1, 100_000);
  for (const kind of ["vad", "asr", "llm", "tts"] as const) {
    const names = config.engines[kind];
    ok(names.length > 0 && new Set(names).size === names.length);
    ok(names.every((name) => known[kind].includes(name)));
  }
  deepEqual(Intl.getCanonicalLocales(config.language), [config.language]);
  match(config.remote.edgeProsody.pitch, /^[+-]\d{1,3}(Hz|%)$/);
  match(config.remote.edgeProsody.volume, /^[+-]\d{1,3}%$/);
  match(config.remote.funasrUrl, /^wss?:/i);
  match(config.remote.coquiUrl, /^https?:/i);
  if (config.corsOrigins !== "*") {
    deepEqual(config.corsOrigins.map((each) => new URL(each).origin), config.corsOrigins);
  }
  if (config.auth === "none") return;
  const { keyDigests, tokens } = config.auth;
  ok(keyDigests.length > 0 || tokens !== undefined);
  ok(keyDigests.every((each) => /^[0-9a-f]{64}$/.test(each)));
  ok(tokens?.secret === undefined || new TextEncoder().encode(tokens.secret).length >= 32);
}

Deno.test("the fuzz knows of every variable", () => {
  deepEqual(Object.keys(VALUES).toSorted(), VARIABLES.toSorted());
});

Deno.test("loadConfig() takes any environment of right values", () => {
  fc.assert(
    fc.property(environment(({ right }) => right), (env) => {
      const result = load({ ...COMPANIONS, ...env });

      ok(!Array.isArray(result), JSON.stringify(result));
      checkRanges(result as Config);
    }),
    { numRuns: 300 },
  );
});

Deno.test("loadConfig() names each variable that is wrong, and none that is not set", () => {
  const right = environment((of) => of.right);
  const wrong = environment(({ wrong = fc.constant("") }) => wrong)
    .map((env) =>
      Object.fromEntries(Object.entries(env).filter(([, value]) => value.trim() !== ""))
    );

  fc.assert(
    fc.property(right, wrong, (good, bad) => {
      const env = { ...COMPANIONS, ...good, ...bad };

      const result = load(env);

      const named = Array.isArray(result) ? result.map(({ variable }) => variable) : [];
      deepEqual(Object.keys(bad).filter((name) => !named.includes(name)), []);
      deepEqual(named.filter((name) => !(name in env)), []);
    }),
    { numRuns: 300 },
  );
});

Deno.test("loadConfig() gives a complete configuration or a ConfigError, whatever it is given", () => {
  const pieces = fc.constantFrom(
    ..."0129-.,:/ \t*äÿ\0😀",
    "http://",
    "sha256:",
    "::1",
    "auto",
    "none",
  );
  const garbage = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(pieces, { maxLength: 6 }).map((some) => some.join("")),
  );

  fc.assert(
    fc.property(environment(({ right }) => fc.oneof(garbage, right)), (env) => {
      const result = load(env);

      if (!Array.isArray(result)) return checkRanges(result as Config);
      for (const { variable, message } of result) {
        ok(variable in env || variable === "HOST", variable);
        ok(message.length < 500, message);
      }
    }),
    { numRuns: 500 },
  );
});
