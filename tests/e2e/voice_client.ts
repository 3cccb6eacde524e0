import { checkEvents } from "../fakes/event_recorder.ts";

/** An event off the wire, as a test looks at it. */
// deno-lint-ignore no-explicit-any
export type WireEvent = { type: string; event_id: string } & Record<string, any>;

/** An event with the time of its arrival, in ms. */
export interface ReceivedEvent {
  readonly event: WireEvent;
  readonly at: number;
}

/** Rate of all audio between this client and the server, in Hz. */
export const WIRE_RATE = 24_000;

const CHUNK_MS = 20;
const CHUNK_BYTES = WIRE_RATE * CHUNK_MS / 1000 * 2;

/** A person with a microphone, at the other end of a real socket. */
export interface VoiceClient extends AsyncDisposable {
  /** All that has arrived, in order. */
  readonly received: readonly ReceivedEvent[];
  /** Sends one event. */
  send(event: Record<string, unknown>): void;
  /** Resolves to the first event from `from` on that `matches`; rejects when the socket closes first. */
  next(matches: (event: WireEvent) => boolean, from?: number): Promise<WireEvent>;
  /** Opens the microphone: from now on 20 ms of audio every 20 ms, silence where nothing is spoken. */
  openMicrophone(): void;
  /** Speaks 16-bit PCM into the open microphone; resolves with the time at which its last byte was sent. */
  speak(pcm: Uint8Array): Promise<number>;
  /** Resolves with the close event. */
  readonly closed: Promise<CloseEvent>;
  readonly socket: WebSocket;
}

/** Where and how {@linkcode connect} connects. */
export interface ConnectOptions {
  /** `ws://host:port/v1/realtime?…` */
  readonly url: string;
  /** Merged into the first `session.update`, unless `null`. */
  readonly session?: Record<string, unknown> | null;
}

/** Connects and waits for `session.created`. Disposing it checks every event it has seen against the protocol. */
export async function connect({ url, session = {} }: ConnectOptions): Promise<VoiceClient> {
  const socket = new WebSocket(url);
  socket.binaryType = "arraybuffer";
  const received: ReceivedEvent[] = [];
  const waiting = new Set<() => void>();
  const closed = new Promise<CloseEvent>((resolve) => {
    socket.onclose = (event) => {
      resolve(event);
      for (const wake of [...waiting]) wake();
    };
  });
  socket.onerror = () => {}; // told by onclose
  socket.onmessage = ({ data }) => {
    if (typeof data !== "string") return;
    received.push({ event: JSON.parse(data), at: performance.now() });
    for (const wake of [...waiting]) wake();
  };

  function next(matches: (event: WireEvent) => boolean, from = 0): Promise<WireEvent> {
    let seen = from;
    const { promise, resolve, reject } = Promise.withResolvers<WireEvent>();
    function look(): void {
      for (; seen < received.length; seen++) {
        const { event } = received[seen]!;
        if (!matches(event)) continue;
        waiting.delete(look);
        return resolve(event);
      }
      if (socket.readyState < WebSocket.CLOSING) return;
      waiting.delete(look);
      reject(new Error(`The socket closed after ${received.map(({ event }) => event.type)}`));
    }
    waiting.add(look);
    look();
    return promise;
  }

  const queue: { chunk: Uint8Array; sent?: (at: number) => void }[] = [];
  const silence = new Uint8Array(CHUNK_BYTES);
  let timer: ReturnType<typeof setTimeout> | undefined;

  /** Keeps to an absolute clock, so that a late timer is made up for. */
  function openMicrophone(): void {
    const start = performance.now();
    let chunks = 0;
    function tick(): void {
      while (start + chunks * CHUNK_MS <= performance.now()) {
        if (socket.readyState !== WebSocket.OPEN) return;
        const { chunk, sent } = queue.shift() ?? { chunk: silence };
        send({ type: "input_audio_buffer.append", audio: chunk.toBase64() });
        sent?.(performance.now());
        chunks++;
      }
      timer = setTimeout(tick, Math.max(0, start + chunks * CHUNK_MS - performance.now()));
    }
    tick();
  }

  function send(event: Record<string, unknown>): void {
    socket.send(JSON.stringify(event));
  }

  const client: VoiceClient = {
    received,
    send,
    next,
    openMicrophone,
    speak(pcm) {
      const { promise, resolve } = Promise.withResolvers<number>();
      for (let start = 0; start < pcm.length; start += CHUNK_BYTES) {
        const chunk = pcm.subarray(start, start + CHUNK_BYTES);
        queue.push(
          start + CHUNK_BYTES < pcm.length ? { chunk } : { chunk, sent: resolve },
        );
      }
      return promise;
    },
    closed,
    socket,
    async [Symbol.asyncDispose]() {
      clearTimeout(timer);
      socket.close();
      await closed;
      checkEvents(received.map(({ event }) => event));
    },
  };

  await next(({ type }) => type === "session.created");
  if (session !== null) {
    send({ type: "session.update", session: { type: "realtime", ...session } });
    await next(({ type }) => type === "session.updated");
  }
  return client;
}

/** All audio of a response, 16-bit PCM, as it came. */
export function audioOf(client: VoiceClient, responseId: string): Uint8Array<ArrayBuffer> {
  const chunks = client.received
    .filter(({ event }) =>
      event.type === "response.output_audio.delta" && event.response_id === responseId
    )
    .map(({ event }) => Uint8Array.fromBase64(event.delta));
  const audio = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    audio.set(chunk, offset);
    offset += chunk.length;
  }
  return audio;
}
