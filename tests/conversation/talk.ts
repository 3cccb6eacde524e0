import { FakeTime } from "@std/testing/time";
import { encodeSamples } from "@/audio/codec.ts";
import { SAMPLE_RATE } from "@/audio/frame.ts";
import { createKvSessionStore } from "@/conversation/kv_session_store.ts";
import {
  openSession,
  type SessionOptions,
  type SessionRequest,
} from "@/conversation/open_session.ts";
import type { Session } from "@/conversation/session.ts";
import type { Prompt } from "@/engines/llm/engine.ts";
import { createFastEngines, type FastEnginesOptions } from "../fakes/fast_engines.ts";
import {
  createRecordingClient,
  type RecordingClient,
  type RecordingClientOptions,
} from "../fakes/recording_client.ts";
import { tones } from "../fakes/scripted_synthesiser.ts";

/** A session between a recording client and engines that speak and hear in tones, under a fake clock. */
export interface Talk extends AsyncDisposable {
  readonly time: FakeTime;
  readonly client: RecordingClient;
  readonly session: Session;
  readonly kv: Deno.Kv;
  /** What the model was asked, oldest first. */
  readonly prompts: readonly Prompt[];
  /** Speaks in real time. */
  say(text: string): Promise<void>;
  /** Lets time go by with an open microphone. */
  silence(ms: number): Promise<void>;
}

/** What a test does otherwise. */
export interface TalkOptions
  extends
    Partial<SessionOptions>,
    Pick<SessionRequest, "configure">,
    FastEnginesOptions,
    RecordingClientOptions {
  readonly settings?: (settings: ReturnType<Session["view"]>["settings"]) => void;
  readonly kv?: Deno.Kv;
  /** The clock of another talk that goes on beside this one. */
  readonly time?: FakeTime;
  readonly resume?: string;
}

const CHUNK_MS = 20;

/** Opens one. The format is 16 kHz PCM both ways, so that tones stay exact. */
export async function openTalk(options: TalkOptions = {}): Promise<Talk> {
  const time = options.time ?? new FakeTime();
  const kv = options.kv ?? await Deno.openKv(":memory:");
  const client = createRecordingClient(options);
  const { engines, prompts } = createFastEngines(options);
  const now = () => Date.now();
  const session = await openSession(client, {
    model: "test",
    owner: "anonymous",
    engines,
    store: createKvSessionStore(kv, { ttlHours: 1, now }),
    voice: "tone",
    instructions: "",
    language: "en",
    maxMinutes: 60,
    now,
    ...options,
  });
  const settings = structuredClone(session.view().settings);
  const format = { type: "audio/pcm", rate: SAMPLE_RATE } as const;
  settings.audio.input.format = format;
  settings.audio.output.format = format;
  settings.audio.input.transcription = {};
  options.settings?.(settings);
  await session.update(settings);

  async function play(samples: Float32Array): Promise<void> {
    const chunk = SAMPLE_RATE * CHUNK_MS / 1000;
    for (let start = 0; start < samples.length; start += chunk) {
      session.append(encodeSamples(samples.slice(start, start + chunk), "pcm16"));
      await time.tickAsync(CHUNK_MS);
      await realTurn();
    }
  }

  return {
    time,
    client,
    session,
    kv,
    prompts,
    say: (text) => play(tones(text, { sampleRate: SAMPLE_RATE, letterMs: 40 })),
    silence: (ms) => play(new Float32Array(ms * SAMPLE_RATE / 1000)),
    async [Symbol.asyncDispose]() {
      await session[Symbol.asyncDispose]();
      if (options.kv === undefined) kv.close();
      if (options.time === undefined) time.restore();
    },
  };
}

/** Lets KV, which works outside the fake clock, come to its end. */
async function realTurn(): Promise<void> {
  for (let i = 0; i < 5; i++) await new Promise<void>((resolve) => channelTurn(resolve));
}

function channelTurn(resolve: () => void): void {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    port2.close();
    resolve();
  };
  port2.postMessage(undefined);
}
