import { createKvSessionStore } from "@/conversation/kv_session_store.ts";
import { openSession } from "@/conversation/open_session.ts";
import { fromSegments } from "@/engines/asr/from_segments.ts";
import { createScripted } from "@/engines/llm/scripted.ts";
import { loudnessDetector } from "../fakes/loudness_detector.ts";
import { ScriptedSynthesiser } from "../fakes/scripted_synthesiser.ts";
import { serveRealtime } from "../realtime/realtime_server.ts";

/** A server in the test's own process. Loud is speech, and all speech says what the test wants. */
export interface QuickServer extends AsyncDisposable {
  /** `http://127.0.0.1:port` */
  readonly url: string;
}

/** Starts one. `recognise` tells what was said. */
export async function startQuickServer(
  recognise: () => Promise<string> = () => Promise.resolve("How much is 11 plus 12?"),
): Promise<QuickServer> {
  const kv = await Deno.openKv(":memory:");
  const store = createKvSessionStore(kv, { ttlHours: 1 });
  const dispose = () => Promise.resolve();
  const engines = {
    vad: loudnessDetector,
    asr: fromSegments({ name: "told", recognise, dispose }),
    llm: createScripted(),
    tts: new ScriptedSynthesiser(),
  };
  const server = serveRealtime({
    open: (client, { subject, model = "any", ...request }) =>
      openSession(client, {
        ...request,
        model,
        owner: subject,
        engines,
        store,
        voice: "tone",
        instructions: "",
        language: "en",
        maxMinutes: 60,
      }),
  });
  return {
    url: `http://${new URL(server.url).host}`,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      kv.close();
    },
  };
}

/** Half a second of what it takes for speech and a second of silence: 16-bit PCM at 24 kHz. */
export function loudThenSilent(): Uint8Array<ArrayBuffer> {
  const samples = new Int16Array(36_000);
  for (let i = 0; i < 12_000; i++) samples[i] = 12_000 * Math.sin(i / 10);
  return new Uint8Array(samples.buffer);
}
