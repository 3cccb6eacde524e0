import { createFunAsr } from "@/engines/asr/funasr.ts";
import { createOpenAiRecogniser } from "@/engines/asr/openai.ts";
import type { Engine } from "@/engines/engine.ts";
import { failOverRecognisers } from "@/engines/failover/asr.ts";
import type { FailoverOptions } from "@/engines/failover/fail_over.ts";
import { failOverModels } from "@/engines/failover/llm.ts";
import { failOverSynthesisers } from "@/engines/failover/tts.ts";
import { createOpenAiModel } from "@/engines/llm/openai.ts";
import { createCoqui } from "@/engines/tts/coqui.ts";
import { createEdge } from "@/engines/tts/edge.ts";
import { openAiAt } from "../engines/openai/endpoint.ts";
import { type CoquiServer, startCoquiServer } from "../fakes/coqui_server.ts";
import { type EdgeServer, startEdgeServer } from "../fakes/edge_server.ts";
import type { FaultyServer } from "../fakes/faulty_server.ts";
import { type FunAsrServer, startFunAsrServer } from "../fakes/funasr_server.ts";
import { loudnessDetector } from "../fakes/loudness_detector.ts";
import { type FakeOpenAi, startFakeOpenAi } from "../fakes/openai_server.ts";
import { spokenText } from "../fakes/scripted_synthesiser.ts";
import { type FastServerOptions, startFastServer } from "../realtime/fast_server.ts";

/** Fakes of the servers that remote engines ask: two for each kind. They hear and speak in tones. */
export interface EngineServers extends AsyncDisposable {
  readonly whisper: FakeOpenAi;
  readonly funasr: FunAsrServer;
  readonly model: FakeOpenAi;
  readonly otherModel: FakeOpenAi;
  readonly edge: EdgeServer;
  readonly coqui: CoquiServer;
  /** This befalls requests to all of them from now on. */
  befall(fault: FaultyServer["fault"]): void;
  /** Settles when none has anything to do any more. */
  idle(): Promise<void>;
}

/** Starts them. */
export async function startEngineServers(): Promise<EngineServers> {
  await using stack = new AsyncDisposableStack();
  const models = [{ id: "local" }];
  const servers = {
    whisper: stack.use(await startFakeOpenAi({ models, hears: readTones })),
    funasr: stack.use(await startFunAsrServer()),
    model: stack.use(await startFakeOpenAi({ models })),
    otherModel: stack.use(await startFakeOpenAi({ models })),
    edge: stack.use(await startEdgeServer()),
    coqui: stack.use(await startCoquiServer()),
  };
  const all: readonly FaultyServer[] = Object.values(servers);
  const owned = stack.move();
  return {
    ...servers,
    befall: (fault) => all.forEach((server) => server.fault = fault),
    async idle() {
      await Promise.all(all.map((server) => server.idle()));
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** How {@linkcode startRemotely} differs from a server that an operator starts. */
export interface RemoteOptions extends FastServerOptions {
  /** How long an engine waits for each byte, in ms. */
  readonly patienceMs?: number;
  readonly failover?: FailoverOptions;
}

/** A server that talks. Disposing it ends its engines too. */
export interface RemoteServer extends AsyncDisposable {
  /** `ws://…/v1/realtime` */
  readonly url: string;
}

/** Starts a server with `ASR=openai,funasr`, `LLM=openai,openai` and `TTS=edge,coqui`. */
export async function startRemotely(
  { whisper, funasr, model, otherModel, edge, coqui }: EngineServers,
  { patienceMs = 10_000, failover = {}, ...options }: RemoteOptions = {},
): Promise<RemoteServer> {
  await using stack = new AsyncDisposableStack();
  const own = <E extends Engine>(engine: E): E => stack.use(engine);
  const remote = {
    ...openAiAt(whisper.url).remote,
    funasrUrl: funasr.url,
    edgeTtsUrl: edge.url,
    coquiUrl: coqui.url,
  };
  const patience = { patience: { connectMs: patienceMs, partMs: patienceMs } };
  const engines = {
    vad: loudnessDetector,
    asr: own(failOverRecognisers([
      own(await createOpenAiRecogniser({ remote }, patience)),
      own(await createFunAsr({ remote }, { patienceMs })),
    ], failover)),
    llm: own(failOverModels([
      own(await createOpenAiModel(openAiAt(model.url), patience)),
      own(await createOpenAiModel(openAiAt(otherModel.url), patience)),
    ], failover)),
    tts: own(failOverSynthesisers([
      own(await createEdge({ remote, language: "en" }, patience)),
      own(await createCoqui({ remote, language: "en" }, patience)),
    ], failover)),
  };
  const { url } = stack.use(await startFastServer({ engines, ...options }));
  const owned = stack.move();
  return { url, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

function readTones(samples: Float32Array): string {
  const first = samples.findIndex((sample) => Math.abs(sample) > 0.01);
  return spokenText(samples.subarray(Math.max(0, first))).trim();
}
