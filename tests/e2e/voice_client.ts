import { checkEvents } from "../fakes/event_recorder.ts";
import { createEventLog, type EventLog, type WireEvent } from "./event_log.ts";
import { createMicrophone } from "./microphone.ts";

/** Rate of all audio between this client and the server, in Hz. */
export const WIRE_RATE = 24_000;

/** A person with a microphone, at the other end of a real socket. */
export interface VoiceClient extends Pick<EventLog, "received" | "next">, AsyncDisposable {
  /** All that has arrived, the binary frames too. */
  readonly frames: readonly (WireEvent | Uint8Array<ArrayBuffer>)[];
  /** Sends one event. */
  send(event: Record<string, unknown>): void;
  /** Opens the microphone: from now on there is audio, silence where nothing is spoken. */
  openMicrophone(): void;
  /** Speaks into the open microphone; resolves with the time at which the last byte was sent. */
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
  /** Shown to a server that asks for one. */
  readonly key?: string;
  /** Trusts the server's certificate, where it has one. */
  readonly client?: Deno.HttpClient | undefined;
}

/** Connects and waits for `session.created`. Disposing it checks every frame it has seen against the protocol. */
export async function connect(
  { url, session = {}, key, client: httpClient }: ConnectOptions,
): Promise<VoiceClient> {
  const protocols = key === undefined ? [] : ["realtime", `openai-insecure-api-key.${key}`];
  // made so, since types of browsers, which know no such options, are checked along with Deno's
  const options = { protocols, ...(httpClient && { client: httpClient }) };
  const socket: WebSocket = Reflect.construct(WebSocket, [url, options]);
  socket.binaryType = "arraybuffer";
  const log = createEventLog();
  const frames: (WireEvent | Uint8Array<ArrayBuffer>)[] = [];
  const microphone = createMicrophone(
    WIRE_RATE,
    (pcm) => send({ type: "input_audio_buffer.append", audio: pcm.toBase64() }),
  );
  const closed = new Promise<CloseEvent>((resolve) => {
    socket.onclose = (event) => {
      resolve(event);
      microphone[Symbol.dispose]();
      log.end();
    };
  });
  socket.onerror = () => {}; // told by onclose
  socket.onmessage = ({ data }) => {
    if (typeof data !== "string") return void frames.push(new Uint8Array(data));
    const event: WireEvent = JSON.parse(data);
    frames.push(event);
    log.add(event);
  };
  const { received, next } = log;

  function send(event: Record<string, unknown>): void {
    socket.send(JSON.stringify(event));
  }

  const client: VoiceClient = {
    received,
    frames,
    send,
    next,
    openMicrophone: microphone.open,
    speak: microphone.speak,
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
      microphone[Symbol.dispose]();
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
