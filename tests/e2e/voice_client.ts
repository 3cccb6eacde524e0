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

/** How long an event is waited for, in ms. */
const PATIENCE_MS = 60_000;

const CHUNK_MS = 20;
const CHUNK_BYTES = WIRE_RATE * CHUNK_MS / 1000 * 2;

/** A person with a microphone, at the other end of a real socket. */
export interface VoiceClient extends AsyncDisposable {
  /** All that has arrived, in order. */
  readonly received: readonly ReceivedEvent[];
  /** The same with the binary frames among them. */
  readonly frames: readonly (WireEvent | Uint8Array<ArrayBuffer>)[];
  /** Sends one event. */
  send(event: Record<string, unknown>): void;
  /** Resolves to the first event from `from` on that `matches`; rejects when the socket closes first, or none comes in a minute. */
  next(matches: (event: WireEvent) => boolean, from?: number): Promise<WireEvent>;
  /** Opens the microphone: from now on 20 ms of audio every 20 ms, silence where nothing is spoken. */
  openMicrophone(): void;
  /** Speaks 16-bit PCM into the open microphone; resolves with the time at which its last byte was sent. */
  speak(pcm: Uint8Array): Promise<number>;
  /** Sends audio at once, in the session's format, however long it takes to say; cut into pieces of any size. */
  pour(audio: Uint8Array, options?: PourOptions): void;
  /** Settles when the server has begun all that it begins by itself after what was received. */
  settled(): Promise<void>;
  /** Resolves with the close event. */
  readonly closed: Promise<CloseEvent>;
  readonly socket: WebSocket;
}

/** How audio is sent. */
export interface PourOptions {
  /** Bytes of a message. An odd number cuts samples in two. */
  readonly chunkBytes?: number;
  /** As binary frames: only with `?audio=binary`. */
  readonly binary?: boolean;
}

/** Where and how {@linkcode connect} connects. */
export interface ConnectOptions {
  /** `ws://host:port/v1/realtime?…` */
  readonly url: string;
  /** Merged into the first `session.update`, unless `null`. */
  readonly session?: Record<string, unknown> | null;
}

/** Connects and waits for `session.created`. Disposing it checks every frame it has seen against the protocol. */
export async function connect({ url, session = {} }: ConnectOptions): Promise<VoiceClient> {
  const socket = new WebSocket(url);
  socket.binaryType = "arraybuffer";
  const received: ReceivedEvent[] = [];
  const frames: (WireEvent | Uint8Array<ArrayBuffer>)[] = [];
  const waiting = new Set<() => void>();
  const closed = new Promise<CloseEvent>((resolve) => {
    socket.onclose = (event) => {
      resolve(event);
      for (const wake of [...waiting]) wake();
    };
  });
  socket.onerror = () => {}; // told by onclose
  socket.onmessage = ({ data }) => {
    if (typeof data !== "string") return void frames.push(new Uint8Array(data));
    const event: WireEvent = JSON.parse(data);
    received.push({ event, at: performance.now() });
    frames.push(event);
    for (const wake of [...waiting]) wake();
  };

  function next(matches: (event: WireEvent) => boolean, from = 0): Promise<WireEvent> {
    let seen = from;
    const { promise, resolve, reject } = Promise.withResolvers<WireEvent>();
    const patience = setTimeout(() => fail(`Nothing came in ${PATIENCE_MS} ms`), PATIENCE_MS);
    function release(): void {
      waiting.delete(look);
      clearTimeout(patience);
    }
    function fail(why: string): void {
      release();
      reject(new Error(`${why} after ${received.map(({ event }) => event.type)}`));
    }
    function look(): void {
      for (; seen < received.length; seen++) {
        const { event } = received[seen]!;
        if (!matches(event)) continue;
        release();
        return resolve(event);
      }
      if (socket.readyState >= WebSocket.CLOSING) fail("The socket closed");
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
    frames,
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
    pour(audio, { chunkBytes = 4801, binary = false } = {}) {
      for (let start = 0; start < audio.length; start += chunkBytes) {
        const chunk = audio.slice(start, start + chunkBytes);
        if (binary) socket.send(chunk);
        else send({ type: "input_audio_buffer.append", audio: chunk.toBase64() });
      }
    },
    async settled() {
      // each answer waits for what the server writes into its store, and so for what it did before
      for (let round = 0; round < 2; round++) {
        const from = received.length;
        send({ type: "session.update", session: { type: "realtime" } });
        await next(({ type }) => type === "session.updated", from);
      }
    },
    closed,
    socket,
    async [Symbol.asyncDispose]() {
      clearTimeout(timer);
      const cut = socket.readyState !== WebSocket.OPEN;
      socket.close();
      await closed;
      checkEvents(frames, { cut });
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
