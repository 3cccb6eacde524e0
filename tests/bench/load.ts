import { connect, type Socket } from "node:net";
import { WebSocket } from "ws";

/** Milliseconds of audio in one message of a microphone. */
export const CHUNK_MS = 20;

/** An event of the server, as a measurement looks at it. Read only as far as needed: the load shares the machine. */
export interface Arrival {
  readonly type: string;
  /** When it came, in ms. */
  readonly at: number;
  /** The response it belongs to, if any. */
  readonly responseId: string | undefined;
  /** All of it; throws for audio, which is not kept. */
  // deno-lint-ignore no-explicit-any
  read(): Record<string, any>;
}

/** A person at a microphone, who notes when everything was sent and when everything came. */
export interface Caller extends AsyncDisposable {
  /** All that has arrived, in order, since it was last forgotten. */
  readonly arrivals: readonly Arrival[];
  /** Forgets what has arrived. */
  forget(): void;
  send(event: Record<string, unknown>): void;
  /** The first arrival from the `from`th on that matches; rejects if the socket closes first. */
  next(matches: string | ((arrival: Arrival) => boolean), from?: number): Promise<Arrival>;
  /** Opens the microphone: from now on one chunk every 20 ms, silence where nothing is spoken. */
  openMicrophone(): void;
  /** Puts chunks on the microphone; returns the number of the first. */
  speak(chunks: readonly string[]): number;
  /** Puts chunks on the wire at once, whatever the time. */
  burst(chunks: readonly string[]): void;
  /** When the chunk of that number was sent, in ms; waits until it is. */
  sent(chunk: number): Promise<number>;
  /** The number of the next chunk that is not taken. */
  readonly queued: number;
  /** Reads nothing more: what the server sends fills the buffers on its way. */
  stopReading(): void;
  /** Resets the TCP connection, as a machine does that is cut off: the server gets no close frame. */
  vanish(): void;
}

/** Whom to call, and how. */
export interface CallOptions {
  /** `ws://host:port/v1/realtime?…` */
  readonly url: string;
  /** Merged into the first `session.update`; none is sent without it. */
  readonly session?: Record<string, unknown>;
  /** Of the microphone, in Hz. @default {24000} */
  readonly rate?: number;
  /** What the microphone hears while nobody speaks: chunks, over and over. Silence by default. */
  readonly room?: readonly string[];
}

/**
 * Connects, waits for `session.created`, and sends the settings. The socket is that of `ws`, which sends at once:
 * Deno's own leaves Nagle's algorithm on, and so holds every other message back for up to 40 ms.
 */
export async function call(
  { url, session, rate = 24_000, room = hush(CHUNK_MS, rate) }: CallOptions,
): Promise<Caller> {
  const { hostname, port } = new URL(url);
  let line: Socket | undefined;
  const socket: WebSocket = new WebSocket(url, {
    createConnection: () => line = connect(Number(port), hostname),
  });
  const arrivals: Arrival[] = [];
  const waiting = new Set<() => void>();
  const queue: string[] = [];
  const sentAt: number[] = [];
  const sending = new Map<number, PromiseWithResolvers<number>>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  function wake(): void {
    for (const look of [...waiting]) look();
  }

  const closed = new Promise<void>((resolve) => {
    socket.onclose = () => {
      clearTimeout(timer);
      resolve();
      wake();
    };
  });
  socket.onerror = () => {}; // told by onclose
  socket.onmessage = ({ data }: { readonly data: unknown }) => {
    arrivals.push(readArrival(data, performance.now()));
    wake();
  };

  function next(
    matches: string | ((arrival: Arrival) => boolean),
    from = 0,
  ): Promise<Arrival> {
    const test = typeof matches === "string" ? ({ type }: Arrival) => type === matches : matches;
    const { promise, resolve, reject } = Promise.withResolvers<Arrival>();
    let seen = from;
    function look(): void {
      for (; seen < arrivals.length; seen++) {
        const arrival = arrivals[seen]!;
        if (!test(arrival)) continue;
        waiting.delete(look);
        return resolve(arrival);
      }
      if (socket.readyState < WebSocket.CLOSING) return;
      waiting.delete(look);
      reject(new Error(`The socket closed after ${arrivals.map(({ type }) => type)}`));
    }
    waiting.add(look);
    look();
    return promise;
  }

  function sendChunk(): void {
    socket.send(queue.shift() ?? room[sentAt.length % room.length]!);
    const at = performance.now();
    sending.get(sentAt.length)?.resolve(at);
    sending.delete(sentAt.length);
    sentAt.push(at);
  }

  const caller: Caller = {
    arrivals,
    forget() {
      arrivals.length = 0;
    },
    send: (event) => socket.send(JSON.stringify(event)),
    next,
    openMicrophone() {
      const start = performance.now();
      /** Keeps to an absolute clock, so that a late timer is made up for. */
      function tick(): void {
        while (start + sentAt.length * CHUNK_MS <= performance.now()) {
          if (socket.readyState !== WebSocket.OPEN) return;
          sendChunk();
        }
        timer = setTimeout(tick, Math.max(0, start + sentAt.length * CHUNK_MS - performance.now()));
      }
      tick();
    },
    speak(chunks) {
      const first = sentAt.length + queue.length;
      queue.push(...chunks);
      return first;
    },
    burst(chunks) {
      for (const chunk of chunks) socket.send(chunk);
    },
    sent(chunk) {
      if (chunk < sentAt.length) return Promise.resolve(sentAt[chunk]!);
      const pending = sending.get(chunk) ?? Promise.withResolvers<number>();
      sending.set(chunk, pending);
      return pending.promise;
    },
    get queued() {
      return sentAt.length + queue.length;
    },
    stopReading: () => socket.pause(),
    vanish: () => line?.resetAndDestroy(),
    async [Symbol.asyncDispose]() {
      clearTimeout(timer);
      socket.close();
      await closed;
    },
  };

  await next("session.created");
  if (session !== undefined) {
    caller.send({ type: "session.update", session: { type: "realtime", ...session } });
    await next("session.updated");
  }
  return caller;
}

/** 16-bit PCM as the messages of a microphone; the last one is filled up with silence. */
export function toChunks(pcm: Uint8Array, rate = 24_000): string[] {
  const bytes = rate * CHUNK_MS / 1000 * 2;
  return Array.from({ length: Math.ceil(pcm.length / bytes) }, (_, i) => {
    const chunk = new Uint8Array(bytes);
    chunk.set(pcm.subarray(i * bytes, (i + 1) * bytes));
    return encodeChunk(chunk);
  });
}

/** A loud tone of `ms`, as the messages of a microphone: speech, to a detector of loudness. */
export function tone(ms: number, rate = 24_000): string[] {
  const samples = Int16Array.from(
    { length: ms / 1000 * rate },
    (_, i) => Math.round(12_000 * Math.sin(2 * Math.PI * 440 * i / rate)),
  );
  return toChunks(new Uint8Array(samples.buffer), rate);
}

/** Silence of `ms`, as the messages of a microphone. */
export function hush(ms: number, rate = 24_000): string[] {
  return toChunks(new Uint8Array(ms / 1000 * rate * 2), rate);
}

/** Noise of `ms` at about −50 dBFS, as the messages of a microphone: a quiet room. */
export function noise(ms: number): string[] {
  const samples = Int16Array.from({ length: ms * 24 }, () => Math.round(200 * Math.random() - 100));
  return toChunks(new Uint8Array(samples.buffer));
}

/** The first sound in 16-bit PCM and the end of the last, in samples: louder than 1/100 of the loudest. */
export function soundIn(pcm: Uint8Array<ArrayBuffer>): { start: number; end: number } {
  const samples = new Int16Array(pcm.buffer, pcm.byteOffset, pcm.length >> 1);
  const peak = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
  const loud = (sample: number) => Math.abs(sample) > peak / 100;
  return { start: samples.findIndex(loud), end: samples.findLastIndex(loud) + 1 };
}

/** A user's message in writing. */
export function written(text: string): Record<string, unknown> {
  return {
    type: "conversation.item.create",
    item: { type: "message", role: "user", content: [{ type: "input_text", text }] },
  };
}

/** Does `work` for 0, 1, … `count` − 1, at most `atOnce` at a time. */
export async function inParallel<T>(
  count: number,
  atOnce: number,
  work: (i: number) => PromiseLike<T>,
): Promise<T[]> {
  const results: T[] = [];
  let started = 0;
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, async () => {
    while (started < count) {
      const i = started++;
      results[i] = await work(i);
    }
  }));
  return results;
}

function encodeChunk(pcm: Uint8Array): string {
  return JSON.stringify({ type: "input_audio_buffer.append", audio: pcm.toBase64() });
}

function readArrival(data: unknown, at: number): Arrival {
  const text = typeof data === "string" ? data : "";
  const head = text.slice(0, 200);
  const type = /^\{"type":"([^"]+)"/.exec(head)?.[1] ?? "";
  const audio = type === "response.output_audio.delta";
  const kept = audio ? undefined : text;
  return {
    type,
    at,
    responseId: /"response_id":"([^"]+)"/.exec(head)?.[1],
    read() {
      if (kept === undefined) throw new TypeError("Audio is not kept");
      return JSON.parse(kept);
    },
  };
}
