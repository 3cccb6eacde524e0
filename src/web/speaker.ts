/// <reference lib="dom" />
import { meterLevel } from "@/web/level.ts";
import type { FromPlayback, ToPlayback } from "@/web/playback_messages.ts";
import { type Played, type Player, WIRE_RATE } from "@/web/player.ts";

/** The loudspeaker of a page. */
export interface Speaker extends Player {
  /** Starts it. Must follow a gesture of the user, or browsers keep it silent. May be called again. */
  start(): Promise<void>;
  /** Loudness now: 0 for silence to 1 for full scale, even in decibels. */
  level(): number;
}

/** How long to wait for the audio thread to say how far it got, in ms. A suspended one may not answer. */
const CLEAR_TIMEOUT_MS = 200;

/** Makes a loudspeaker. It plays once it is started; what is queued before that waits. */
export function createSpeaker(): Speaker {
  const context = createContext();
  const analyser = new AnalyserNode(context, { fftSize: 1024 });
  const samples = new Float32Array(analyser.fftSize);
  const ready = load(context, analyser);
  let drained = () => {};
  let position: Played | undefined;
  const clearing: ((played: Played | undefined) => void)[] = [];

  const port = ready.then((node) => {
    node.port.onmessage = ({ data }: MessageEvent<FromPlayback>) => {
      if (data.type === "position") position = data.played;
      else if (data.type === "cleared") clearing.shift()?.(data.played);
      else drained();
    };
    return node.port;
  });
  // Whoever starts the speaker is told; whoever plays is not made to wait for it.
  port.catch(() => {});

  function post(message: ToPlayback, transfer: Transferable[] = []): void {
    port.then((port) => port.postMessage(message, transfer), () => {});
  }

  return {
    async start() {
      await port;
      await context.resume();
    },
    play(itemId, pcm) {
      post({ type: "play", itemId, pcm }, [pcm]);
    },
    clear() {
      const { promise, resolve } = Promise.withResolvers<Played | undefined>();
      const timer = setTimeout(() => resolve(position), CLEAR_TIMEOUT_MS);
      clearing.push((played) => {
        clearTimeout(timer);
        position = undefined;
        resolve(played);
      });
      post({ type: "clear" });
      return promise;
    },
    onDrained(listener) {
      drained = listener;
    },
    level() {
      analyser.getFloatTimeDomainData(samples);
      return meterLevel(samples);
    },
  };
}

/** At the rate of the wire; where the browser refuses that, at the rate of the device. */
function createContext(): AudioContext {
  try {
    return new AudioContext({ sampleRate: WIRE_RATE, latencyHint: "interactive" });
  } catch {
    return new AudioContext({ latencyHint: "interactive" });
  }
}

async function load(context: AudioContext, analyser: AnalyserNode): Promise<AudioWorkletNode> {
  await context.audioWorklet.addModule(new URL("./playback_worklet.js", import.meta.url));
  const node = new AudioWorkletNode(context, "playback", {
    numberOfInputs: 0,
    outputChannelCount: [1],
  });
  node.connect(analyser).connect(context.destination);
  return node;
}
