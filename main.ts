import { fileURLToPath } from "node:url";
import { getLogger } from "@logtape/logtape";
import { type Config, loadConfig, VARIABLES } from "@/config.ts";
import { createKvSessionStore } from "@/conversation/kv_session_store.ts";
import { openSession } from "@/conversation/open_session.ts";
import { ConfigError } from "@/errors.ts";
import { applySessionRequest } from "@/realtime/session_request.ts";
import { announce, formatAnnouncement } from "@/server/announcement.ts";
import { createApp } from "@/server/app.ts";
import { createAuthentication } from "@/server/auth/authentication.ts";
import { endsInTime } from "@/server/ends_in_time.ts";
import { KNOWN_ENGINES, type LoadedEngines, loadEngines } from "@/server/engines.ts";
import { formatFatal } from "@/server/fatal.ts";
import { createClientSecrets } from "@/server/client_secrets.ts";
import { createAdmission } from "@/server/limits/admission.ts";
import { createDoor } from "@/server/limits/door.ts";
import { createLimits } from "@/server/limits/limits.ts";
import { measureCapacity } from "@/server/limits/capacity.ts";
import { leasePollMs, openKv } from "@/server/open_kv.ts";
import { createPage } from "@/server/page.ts";
import { prewarm } from "@/server/prewarm.ts";
import { createReadiness } from "@/server/readiness.ts";
import { createRealtimeEndpoint, type RealtimeEndpoint } from "@/server/realtime_endpoint.ts";
import { observeSession } from "@/server/observe_session.ts";
import { createRoutes } from "@/server/routes.ts";
import { serve } from "@/server/serve.ts";
import { readTls } from "@/server/tls.ts";
import { traceSession } from "@/server/tracing/trace_session.ts";
import { sessionDefaults } from "@/server/session_defaults.ts";
import { createStagesOfEnd } from "@/server/stages_of_end.ts";
import { startAtZero } from "@/server/start_at_zero.ts";
import { createStopSteps } from "@/server/stop_signal.ts";
import { configureLogging } from "@/telemetry/logging.ts";
import { backlogMs } from "@/telemetry/backlog.ts";
import { watchEventLoop } from "@/telemetry/event_loop_lag.ts";
import { outliveUnhandled } from "@/telemetry/unhandled.ts";
import { collectProcessMetrics } from "@/telemetry/metrics.ts";
import { describeDamage, findDamage } from "./models/check.ts";
import { MODELS } from "./models/manifest.ts";

/** How long all may take to end once the process is told to, in ms; what is being said is part of it. */
const SHUTDOWN_MS = 15_000;

/** How long the last lines of the log may take to leave, in ms: whoever reads them may have stopped. */
const LAST_LINES_MS = 1000;

const logger = getLogger(["chatai"]);

/**
 * Reads the environment, and looks whether the models that it asks for are there.
 *
 * @throws {ConfigError} for all that is wrong
 */
async function configure(): Promise<Config> {
  const env = {
    MODELS_DIR: fileURLToPath(new URL("models", import.meta.url)),
    ...Object.fromEntries(VARIABLES.flatMap((name) => {
      const value = Deno.env.get(name);
      return value?.trim() ? [[name, value]] : [];
    })),
  };
  const config = loadConfig(env, KNOWN_ENGINES);
  const used = MODELS.filter(({ engine }) => Object.values(config.engines).flat().includes(engine));
  const damage = describeDamage(await findDamage(used, config.modelsDir));
  if (damage !== undefined) throw new ConfigError([{ variable: "MODELS_DIR", message: damage }]);
  return config;
}

/** Begins to log and to measure. Disposing it writes out what is still to be logged. */
async function observe({ engines, logLevels, logFormat }: Config): Promise<AsyncDisposableStack> {
  await using resources = new AsyncDisposableStack();
  const output = Deno.stderr.writable;
  resources.use(await configureLogging({ levels: logLevels, format: logFormat, output }));
  resources.use(outliveUnhandled());
  resources.use(watchEventLoop());
  collectProcessMetrics();
  startAtZero(engines);
  return resources.move();
}

/** Runs the server until the process is told to stop. */
async function run(): Promise<void> {
  let serving = false;
  const told = stopSignal(() => serving);
  const config = await configure();
  const tls = config.tls && await readTls(config.tls);

  await using log = new AsyncDisposableStack(); // apart: it tells of what else did not end
  const observed = await observe(config);
  log.defer(() => endsInTime(observed.disposeAsync(), LAST_LINES_MS));
  await using resources = new AsyncDisposableStack();
  const kv = resources.adopt(await openKv(config.kvPath), (kv) => kv.close());
  const readiness = createReadiness({ kv });
  const store = createKvSessionStore(kv, {
    ttlHours: config.sessionTtlHours,
    pollMs: leasePollMs(config.kvPath),
  });
  const secrets = createClientSecrets(kv);
  const { authorise, identify } = createAuthentication({ auth: config.auth, secrets });
  const limits = createLimits(config.limits, kv);
  const loaded = Promise.withResolvers<LoadedEngines>();
  const endpoint = Promise.withResolvers<RealtimeEndpoint>();
  const { stopping, overdue, lost, begin: beginToEnd } = resources.use(createStagesOfEnd());
  const server = serve({
    host: config.host,
    port: config.port,
    tls,
    handler: createApp({
      readiness,
      authorise,
      corsOrigins: config.corsOrigins,
      hosts: config.hosts,
      limits,
      https: tls !== undefined,
      page: createPage(fileURLToPath(new URL("src/web/dist", import.meta.url))),
      realtime: async (request, peer) => (await endpoint.promise).handle(request, peer),
      routes: createRoutes({
        config,
        engines: loaded.promise,
        limits,
        secrets,
        store,
        stopping: overdue,
      }),
    }),
  });
  resources.defer(() => server.shutdown(lost));

  const engines = resources.use(await loadEngines(config));
  resources.defer(() => server.shutdown(lost)); // once more: requests that still run need the engines
  loaded.resolve(engines);
  const defaults = sessionDefaults(config, engines);
  const { language } = config;
  resources.use(
    prewarm(config.ttsPrewarm, { tts: engines.tts, voice: defaults.voice, language }),
  );
  const { maxSessions = await measureCapacity(engines.vad) } = config.limits;
  logger.info("Up to {maxSessions} sessions at once", { maxSessions });
  const { enter } = createDoor({
    ...limits,
    backlogMs,
    admission: createAdmission({ max: maxSessions }),
  });
  endpoint.resolve(resources.use(createRealtimeEndpoint({
    identify,
    corsOrigins: config.corsOrigins,
    limits: { ...limits, enter },
    openSession: (client, { subject, caller, model, session, ...request }) =>
      openSession(client, {
        ...defaults,
        ...request,
        owner: subject,
        ...(model !== undefined && { model }),
        configure: session && ((settings) => applySessionRequest(settings, session)),
        engines,
        store,
        observe(facts, session) {
          observeSession(facts);
          traceSession(facts, { session, engines });
        },
        admitTurn: limits.admitTurn(caller),
        idleSeconds: config.limits.idleTimeoutSeconds,
        stopping,
        language,
        maxMinutes: config.maxSessionMinutes,
      }),
  })));
  readiness.enginesLoaded();
  serving = true;
  const { voices } = engines.tts;
  const announcement = announce(config, { url: server.url, known: KNOWN_ENGINES, voices });
  // deno-lint-ignore no-console
  console.log(formatAnnouncement(announcement, config.logFormat));

  const signal = await told;
  logger.info("Stopping on {signal}", { signal });
  readiness.drain();
  beginToEnd();
  await endsInTime(resources.disposeAsync(), SHUTDOWN_MS);
}

/**
 * Waits until the process is told to stop. Before it serves anybody there is nothing to end, and the signal ends it
 * at once; so does a further one later.
 */
function stopSignal(isServing: () => boolean): Promise<Deno.Signal> {
  const { promise, resolve } = Promise.withResolvers<Deno.Signal>();
  const next = createStopSteps();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, () => {
      if (!isServing()) Deno.exit(0);
      const step = next();
      if (step === "exit") Deno.exit(130);
      if (step === "begin") resolve(signal);
    });
  }
  return promise;
}

try {
  await run();
  Deno.exit(0);
} catch (error) {
  // deno-lint-ignore no-console
  console.error(formatFatal(error, Deno.env.get("LOG_FORMAT")));
  Deno.exit(1);
}
