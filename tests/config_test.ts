import { deepStrictEqual as deepEqual, match, ok, strictEqual as equal } from "node:assert/strict";
import { resolve } from "node:path";
import { loadConfig, VARIABLES } from "@/config.ts";
import { ConfigError } from "@/errors.ts";

const known = {
  vad: ["silero"],
  asr: ["moonshine", "whisper", "openai"],
  llm: ["scripted", "openai"],
  tts: ["flite", "edge", "openai"],
};

/** Long enough for a server that other machines reach. */
const KEY = "0123456789abcdef";

const nowhere = { baseUrl: undefined, apiKey: undefined, model: undefined };

/** The problems of an environment, as `VARIABLE: message`. */
function problemsOf(env: Record<string, string>): string[] {
  try {
    loadConfig(env, known);
    return [];
  } catch (error) {
    ok(error instanceof ConfigError);
    return error.problems.map(({ variable, message }) => `${variable}: ${message}`);
  }
}

Deno.test("loadConfig() of an empty environment listens on loopback with the embedded engines", () => {
  const config = loadConfig({}, known);

  equal(config.host, "127.0.0.1");
  equal(config.port, 8000);
  equal(config.tls, undefined);
  equal(config.modelsDir, resolve("models"));
  equal(config.kvPath, "data/chatai.kv");
  deepEqual(config.engines, {
    vad: ["silero"],
    asr: ["moonshine"],
    llm: ["scripted"],
    tts: ["flite"],
  });
  equal(config.auth, "none");
  deepEqual(config.corsOrigins, []);
  equal(config.maxSessionMinutes, 60);
  equal(config.sessionTtlHours, 720);
  ok(config.inferenceWorkers >= 1);
});

Deno.test("loadConfig() takes what is set", () => {
  const config = loadConfig({
    HOST: "0.0.0.0",
    PORT: "0",
    TLS_CERT: "/srv/cert.pem",
    TLS_KEY: "/srv/key.pem",
    MODELS_DIR: "/srv/models",
    KV_PATH: "https://kv.example.org/",
    DENO_KV_ACCESS_TOKEN: "a token",
    ASR: "whisper",
    TTS: " edge , flite ",
    EDGE_TTS_URL: "wss://edge.example.org/voices",
    EDGE_TTS_PITCH: "-5Hz",
    TTS_CACHE_MB: "8",
    TTS_CACHE_DIR: "/var/cache/speech",
    TTS_PREWARM: "Hello, how can I help? | One moment. |",
    TTS_VOICE: "awb",
    LANGUAGE: "de-ch",
    INSTRUCTIONS: "Be brief.",
    API_KEYS: `${KEY}, fedcba9876543210`,
    CORS_ORIGINS: "https://a.example,http://localhost:3000",
    MAX_SESSION_MINUTES: "5",
    SESSION_TTL_HOURS: "1",
    INFERENCE_WORKERS: "0",
    MAX_SESSIONS: "0",
    RATE_CONNECTIONS_PER_MINUTE: "5",
    RATE_TURNS_PER_MINUTE: "0",
    IDLE_TIMEOUT_SECONDS: "0",
    TRUSTED_PROXIES: "10.0.0.0/8, ::1",
    LOG_LEVEL: "debug",
    LOG_FORMAT: "json",
  }, known);

  deepEqual(config, {
    host: "0.0.0.0",
    port: 0,
    tls: { certPath: "/srv/cert.pem", keyPath: "/srv/key.pem" },
    modelsDir: "/srv/models",
    kvPath: "https://kv.example.org/",
    engines: { vad: ["silero"], asr: ["whisper"], llm: ["scripted"], tts: ["edge", "flite"] },
    remote: {
      openai: { asr: nowhere, llm: nowhere, tts: nowhere },
      edgeTtsUrl: "wss://edge.example.org/voices",
      edgeProsody: { pitch: "-5Hz", volume: "+0%" },
      funasrUrl: "ws://127.0.0.1:10095",
      coquiUrl: "http://127.0.0.1:5002",
    },
    ttsCacheMb: 8,
    ttsCacheDir: "/var/cache/speech",
    ttsPrewarm: ["Hello, how can I help?", "One moment."],
    voice: "awb",
    language: "de-CH",
    instructions: "Be brief.",
    auth: {
      keyDigests: [
        "9f9f5111f7b27a781f1f1ddde5ebc2dd2b796bfc7365c9c28b548e564176929f",
        "3465f6e6975baa864ca957f0914ecda9bf7eb601ac31ac20a5dc3d329279a843",
      ],
      tokens: undefined,
    },
    hosts: "any",
    corsOrigins: ["https://a.example", "http://localhost:3000"],
    maxSessionMinutes: 5,
    sessionTtlHours: 1,
    inferenceWorkers: 0,
    limits: {
      maxSessions: Infinity,
      maxSessionsPerCaller: 20,
      connectionsPerMinute: 5,
      turnsPerMinute: undefined,
      audioSecondsPerMinute: 120,
      idleTimeoutSeconds: undefined,
      trustedProxies: ["10.0.0.0/8", "::1"],
    },
    logLevels: { all: "debug", categories: {} },
    logFormat: "json",
  });
});

Deno.test("loadConfig() takes a blank variable for one that is not set", () => {
  const blank = Object.fromEntries(VARIABLES.map((name) => [name, " "]));

  deepEqual(loadConfig(blank, known), loadConfig({}, known));
});

Deno.test("loadConfig() reports every problem at once", () => {
  const wrong = {
    HOST: "0.0.0.0",
    PORT: "http",
    KV_PATH: "redis://localhost",
    VAD: "loud",
    LANGUAGE: "!",
    AUTH: "maybe",
    CORS_ORIGINS: "example.org",
    MAX_SESSION_MINUTES: "0",
    SESSION_TTL_HOURS: "-1",
    INFERENCE_WORKERS: "two",
    LOG_LEVEL: "loud",
    LOG_FORMAT: "xml",
    OPENAI_BASE_URL: "api.example.org",
    FUNASR_URL: "http://127.0.0.1:10095",
    TTS_CACHE_MB: "much",
    JWT_ISSUER: "nobody",
  };

  const problems = problemsOf(wrong).map((problem) => problem.split(":")[0]);

  deepEqual(problems.toSorted(), Object.keys(wrong).toSorted());
});

Deno.test("loadConfig() names the engines there are when it does not know one", () => {
  deepEqual(problemsOf({ ASR: "ears" }), [
    'ASR: there is no "ears". Known ones: auto, moonshine, whisper, openai',
  ]);
});

Deno.test("loadConfig() refuses a list of engines that names none, one twice, or auto among others", () => {
  deepEqual(problemsOf({ TTS: "," }), ["TTS: names no engine"]);
  deepEqual(problemsOf({ TTS: "edge,edge" }), ["TTS: names an engine twice"]);
  deepEqual(problemsOf({ TTS: "edge,auto" }), ["TTS: auto stands alone, not in a list"]);
});

Deno.test("auto is openai where a key or a base URL is set, with the embedded engine behind it", () => {
  const key = loadConfig({ OPENAI_API_KEY: "sk-1" }, known);
  const url = loadConfig({ LLM_BASE_URL: "http://127.0.0.1:11434/v1" }, known);

  deepEqual(key.engines, {
    vad: ["silero"],
    asr: ["openai", "moonshine"],
    llm: ["openai", "scripted"],
    tts: ["openai", "flite"],
  });
  deepEqual(url.engines, {
    vad: ["silero"],
    asr: ["moonshine"],
    llm: ["openai", "scripted"],
    tts: ["flite"],
  });
});

Deno.test("what is set for a kind of engine goes before what is set for all", () => {
  const { remote } = loadConfig({
    OPENAI_API_KEY: "sk-1",
    OPENAI_BASE_URL: "https://api.example.org/v1",
    LLM_BASE_URL: "http://127.0.0.1:11434/v1",
    LLM_MODEL: "llama",
    TTS_API_KEY: "sk-2",
  }, known);

  deepEqual(remote.openai, {
    asr: { baseUrl: "https://api.example.org/v1", apiKey: "sk-1", model: undefined },
    llm: { baseUrl: "http://127.0.0.1:11434/v1", apiKey: "sk-1", model: "llama" },
    tts: { baseUrl: "https://api.example.org/v1", apiKey: "sk-2", model: undefined },
  });
});

Deno.test("loadConfig() refuses the engine openai where no server of it is set", () => {
  deepEqual(problemsOf({ ASR: "openai,moonshine" }), [
    "ASR: names openai, which needs OPENAI_API_KEY, or the server's ASR_BASE_URL",
  ]);
  deepEqual(problemsOf({ ASR: "openai", ASR_BASE_URL: "http://127.0.0.1:8080/v1" }), []);
});

for (const host of ["0.0.0.0", "::", "192.168.1.4", "chat.example.org"]) {
  Deno.test(`loadConfig() refuses HOST=${host} without authentication, with two ways out`, () => {
    const [problem = ""] = problemsOf({ HOST: host });

    match(problem, /^HOST: /);
    match(problem, /API_KEYS=.*JWT_SECRET, JWKS_URL/);
    match(problem, /AUTH=none/);
    deepEqual(problemsOf({ HOST: host, API_KEYS: KEY }), []);
    deepEqual(problemsOf({ HOST: host, AUTH: "none" }), []);
  });
}

for (const host of ["127.0.0.1", "127.1.2.3", "localhost", "::1"]) {
  Deno.test(`loadConfig() lets HOST=${host} go without authentication`, () => {
    equal(loadConfig({ HOST: host }, known).auth, "none");
  });
}

for (
  const [variable, value] of [
    ["DENO_DEPLOY", "1"],
    ["DENO_SERVE_ADDRESS", "tcp:0.0.0.0:8000"],
    ["DENO_SERVE_ADDRESS", "vsock:-1:8000"],
  ] as const
) {
  Deno.test(`loadConfig() refuses ${variable}=${value}, which goes before HOST, without authentication`, () => {
    const [problem = "", ...others] = problemsOf({ [variable]: value, HOST: "127.0.0.1" });

    match(problem, new RegExp(`^${variable}: .*lets other machines in`));
    deepEqual(others, []);
    deepEqual(problemsOf({ [variable]: value, AUTH: "none" }), []);
    deepEqual(problemsOf({ [variable]: value, API_KEYS: KEY }), []);
    const { limits } = loadConfig({ [variable]: value, AUTH: "none" }, known);
    ok(limits.turnsPerMinute !== undefined);
  });
}

for (const address of ["tcp:127.0.0.1:8000", "tcp:[::1]:0"]) {
  Deno.test(`loadConfig() lets DENO_SERVE_ADDRESS=${address} go without authentication, whatever HOST says`, () => {
    deepEqual(problemsOf({ DENO_SERVE_ADDRESS: address, HOST: "0.0.0.0" }), []);
  });
}

Deno.test("on Deno Deploy sessions go into its own store, and models into the main isolate, unless told otherwise", () => {
  const deployed = { DENO_DEPLOY: "1", AUTH: "none" };

  const usual = loadConfig(deployed, known);
  const told = loadConfig({ ...deployed, KV_PATH: ":memory:", INFERENCE_WORKERS: "2" }, known);

  deepEqual([usual.kvPath, usual.inferenceWorkers], ["default", 0]);
  deepEqual([told.kvPath, told.inferenceWorkers], [":memory:", 2]);
});

Deno.test("loadConfig() refuses keys that can be guessed where other machines reach the server, and there alone", () => {
  const short = KEY.slice(1);

  const [problem = "", ...others] = problemsOf({ HOST: "0.0.0.0", API_KEYS: `${KEY},${short}` });

  match(problem, /^API_KEYS: 0\.0\.0\.0 lets other machines in.*16 characters.*openssl rand/);
  ok(!problem.includes(short));
  deepEqual(others, []);
  deepEqual(problemsOf({ API_KEYS: short }), []);
  deepEqual(problemsOf({ HOST: "0.0.0.0", API_KEYS: `sha256:${"a".repeat(64)}` }), []);
});

Deno.test("loadConfig() does not count a list of no keys as authentication", () => {
  equal(problemsOf({ HOST: "0.0.0.0", API_KEYS: " , " }).length, 1);
});

const KEY_SET = "https://id.example/jwks.json";
const SECRET = "0123456789abcdef0123456789abcdef";

for (
  const credentials of [
    { API_KEYS: "key" },
    { JWT_SECRET: SECRET },
    { JWKS_URL: KEY_SET },
    { JWT_AUDIENCE: "chatai" },
  ]
) {
  const [name] = Object.keys(credentials);
  Deno.test(`loadConfig() refuses ${name} beside AUTH=none instead of guessing which is meant`, () => {
    deepEqual(problemsOf({ AUTH: "none", ...credentials }), [
      `AUTH: is none, yet ${name} is set: unset the one or the other`,
    ]);
  });
}

Deno.test("loadConfig() takes the two ways to check tokens for authentication, and what is asked of tokens not", () => {
  deepEqual(problemsOf({ HOST: "0.0.0.0", JWT_SECRET: SECRET }), []);
  deepEqual(problemsOf({ HOST: "0.0.0.0", JWKS_URL: KEY_SET }), []);
  deepEqual(problemsOf({ HOST: "0.0.0.0", JWT_ISSUER: "x" }).map((each) => each.split(":")[0]), [
    "JWT_ISSUER",
    "HOST",
  ]);
});

Deno.test("loadConfig() takes keys and tokens side by side, and keeps digests of the keys alone", () => {
  const { auth } = loadConfig({
    API_KEYS: "abc",
    JWT_SECRET: SECRET,
    JWKS_URL: KEY_SET,
    JWT_ISSUER: "https://id.example",
    JWT_AUDIENCE: "chatai",
  }, known);

  deepEqual(auth, {
    keyDigests: ["ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
    tokens: {
      secret: SECRET,
      jwksUrl: KEY_SET,
      issuer: "https://id.example",
      audience: "chatai",
    },
  });
});

Deno.test("loadConfig() takes the digest of a key, in either case, for the key", () => {
  const digest = "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD";

  deepEqual(
    loadConfig({ API_KEYS: `sha256:${digest}` }, known).auth,
    loadConfig({ API_KEYS: "abc" }, known).auth,
  );
});

for (const digest of ["", "abc", "g".repeat(64), "a".repeat(63), "a".repeat(65)]) {
  Deno.test(`loadConfig() refuses the digest "${digest}"`, () => {
    match(problemsOf({ API_KEYS: `sha256:${digest}` })[0] ?? "", /^API_KEYS: .*64 hex digits/);
  });
}

Deno.test("loadConfig() refuses the digest of an empty key, in either case, and says what it is", () => {
  const digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

  for (const written of [digest, digest.toUpperCase()]) {
    const problems = problemsOf({
      HOST: "0.0.0.0",
      API_KEYS: `a-long-random-key,sha256:${written}`,
    });

    equal(problems.length, 1);
    match(problems[0] ?? "", /^API_KEYS: sha256:e3b0c442.* is the digest of an empty key/);
  }
});

Deno.test("loadConfig() lets the server answer to any name once somebody has decided who may use it", () => {
  const hosts = (env: Record<string, string>) => loadConfig(env, known).hosts;

  equal(hosts({}), "loopback");
  equal(hosts({ AUTH: "auto" }), "loopback");
  equal(hosts({ AUTH: "none" }), "any");
  equal(hosts({ API_KEYS: "key" }), "any");
  equal(hosts({ HOST: "0.0.0.0", JWT_SECRET: SECRET }), "any");
});

Deno.test("loadConfig() refuses secrets shorter than 32 bytes", () => {
  deepEqual(problemsOf({ JWT_SECRET: SECRET.slice(1) }), [
    "JWT_SECRET: must be 32 bytes long at least",
  ]);
  deepEqual(problemsOf({ JWT_SECRET: "ä".repeat(16) }), []);
});

for (
  const [url, good] of Object.entries({
    [KEY_SET]: true,
    "http://127.0.0.1:8080/jwks.json": true,
    "http://localhost/jwks.json": true,
    "http://[::1]/jwks.json": true,
    "http://id.example/jwks.json": false,
    "http://127.0.0.1.evil.example/jwks.json": false,
    "file:///etc/jwks.json": false,
    "jwks.json": false,
  })
) {
  Deno.test(`loadConfig() ${good ? "takes" : "refuses"} JWKS_URL=${url}`, () => {
    deepEqual(problemsOf({ JWKS_URL: url }).length, good ? 0 : 1);
  });
}

for (const variable of ["JWT_ISSUER", "JWT_AUDIENCE"]) {
  Deno.test(`loadConfig() says that ${variable} alone does nothing`, () => {
    deepEqual(problemsOf({ [variable]: "x" }), [
      `${variable}: does nothing without JWT_SECRET or JWKS_URL`,
    ]);
  });
}

for (const [half, missing] of [["TLS_CERT", "TLS_KEY"], ["TLS_KEY", "TLS_CERT"]] as const) {
  Deno.test(`loadConfig() refuses ${half} without ${missing}`, () => {
    deepEqual(problemsOf({ [half]: "x.pem" }), [
      `${half}: is set, yet ${missing} is not: https takes both`,
    ]);
  });
}

Deno.test("callers are limited as soon as other machines or keys are about, and not on one's own machine", () => {
  const own = loadConfig({}, known).limits;
  const keyed = loadConfig({ API_KEYS: "key" }, known).limits;
  const open = loadConfig({ HOST: "0.0.0.0", AUTH: "none" }, known).limits;
  const set = loadConfig({ RATE_TURNS_PER_MINUTE: "3" }, known).limits;

  deepEqual(own, {
    maxSessions: undefined,
    maxSessionsPerCaller: undefined,
    connectionsPerMinute: undefined,
    turnsPerMinute: undefined,
    audioSecondsPerMinute: undefined,
    idleTimeoutSeconds: 300,
    trustedProxies: [],
  });
  deepEqual(keyed, {
    maxSessions: undefined,
    maxSessionsPerCaller: 20,
    connectionsPerMinute: 60,
    turnsPerMinute: 60,
    audioSecondsPerMinute: 120,
    idleTimeoutSeconds: 300,
    trustedProxies: [],
  });
  deepEqual(open, keyed);
  equal(set.turnsPerMinute, 3);
});

Deno.test("loadConfig() asks for the token of a KV Connect server, and of no other store", () => {
  const problems = ["https://kv.example.org/", "default", ":memory:", "a.kv"].map((path) =>
    problemsOf({ KV_PATH: path }).length
  );

  deepEqual(problems, [1, 0, 0, 0]);
});

Deno.test("loadConfig() takes no prosody that would break out of its attribute", () => {
  for (const wrong of ["high", '+0Hz"/>', "+1000Hz", "10%"]) {
    match(problemsOf({ EDGE_TTS_PITCH: wrong })[0] ?? "", /^EDGE_TTS_PITCH: must be a change/);
  }
});

Deno.test("loadConfig() refuses an address of a relay for Edge's voices that would get a second query", () => {
  for (const wrong of ["wss://relay.example/edge/v1?key=1", "wss://relay.example/?", "ws://a/#b"]) {
    match(problemsOf({ EDGE_TTS_URL: wrong })[0] ?? "", /^EDGE_TTS_URL: must have neither a query/);
  }
  deepEqual(problemsOf({ EDGE_TTS_URL: "wss://relay.example/edge/v1" }), []);
});

Deno.test("loadConfig() refuses a base URL with a query, which would be in the midst of what is asked for", () => {
  for (const variable of ["OPENAI_BASE_URL", "ASR_BASE_URL", "LLM_BASE_URL", "TTS_BASE_URL"]) {
    for (const wrong of ["http://127.0.0.1:8080/v1?key=1", "https://a.example/v1#b"]) {
      const [problem = ""] = problemsOf({ [variable]: wrong });
      match(problem, new RegExp(`^${variable}: must have neither a query`));
    }
    deepEqual(problemsOf({ [variable]: "http://127.0.0.1:8080/v1" }), []);
  }
});

Deno.test("loadConfig() names a proxy that is no address", () => {
  match(
    problemsOf({ TRUSTED_PROXIES: "proxy.example" })[0] ?? "",
    /^TRUSTED_PROXIES: "proxy.example"/,
  );
});

Deno.test("loadConfig() takes CORS_ORIGINS=* for all origins", () => {
  equal(loadConfig({ CORS_ORIGINS: "*" }, known).corsOrigins, "*");
});

Deno.test("loadConfig() refuses a key that looks like a client secret", () => {
  match(problemsOf({ API_KEYS: "ek_mine" })[0] ?? "", /^API_KEYS: .*ek_/);
});

Deno.test("loadConfig() does not repeat a key in what it reports", () => {
  const problems = problemsOf({ API_KEYS: "sha256:s3cret,with space", JWT_SECRET: "s3cret" });

  equal(problems.length, 3);
  ok(problems.every((problem) => !/s3cret|with space/.test(problem)));
});

Deno.test("loadConfig() refuses what needs a cache where there is none", () => {
  const cache = { TTS_CACHE_DIR: "speech", TTS_PREWARM: "Hello." };

  deepEqual(problemsOf({ TTS_CACHE_MB: "0", ...cache }), [
    "TTS_CACHE_DIR: needs a cache, but TTS_CACHE_MB is 0",
    "TTS_PREWARM: needs a cache, but TTS_CACHE_MB is 0",
  ]);
  deepEqual(problemsOf(cache), []);
});

Deno.test("a key with typographic quotes fits in no header, and is not repeated", () => {
  const variables = [
    "OPENAI_API_KEY",
    "ASR_API_KEY",
    "LLM_API_KEY",
    "TTS_API_KEY",
    "DENO_KV_ACCESS_TOKEN",
  ];

  const problems = variables.map((variable) => problemsOf({ [variable]: "“sk-s3cret”" }));

  deepEqual(
    problems,
    variables.map((variable) => [
      `${variable}: must be of printable ASCII characters: are there typographic quotes around it?`,
    ]),
  );
});
