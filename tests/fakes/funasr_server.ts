import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";
import { z } from "zod";
import { createDecoder } from "@/audio/codec.ts";
import { createArrivals, type ServedArrival } from "./arrivals.ts";
import { type FaultyServer, nextFault } from "./faulty_server.ts";
import { spokenText } from "./scripted_synthesiser.ts";

/** Samples of which the small model makes a text at a time: 600 ms, by `chunk_size`. */
const CHUNK_SAMPLES = 9600;

/** Samples of one letter of `tones`: 40 ms. */
const LETTER_SAMPLES = 640;

/** The first message of a round, by `runtime/docs/websocket_protocol_zh.md` in modelscope/FunASR. */
const firstMessage = z.object({
  mode: z.literal("2pass"),
  wav_name: z.string().min(1),
  is_speaking: z.literal(true),
  wav_format: z.literal("pcm"),
  chunk_size: z.tuple([z.int(), z.int().positive(), z.int()]),
  audio_fs: z.literal(16_000),
  itn: z.boolean(),
  hotwords: z.string().optional().refine((words) =>
    words === undefined || z.record(z.string(), z.int()).safeParse(JSON.parse(words)).success
  ),
  svs_lang: z.string().optional(),
});

const lastMessage = z.object({ is_speaking: z.literal(false) });

/**
 * How a server closes a round.
 *
 * - `documented`: the last message has `is_final`, even if it says nothing else; so does the C++ server
 * - `acknowledging`: the Python server since July 2026: a message of its own, where it was asked for
 * - `speaking`: the Python server before: `is_final` tells whether the user speaks, and a round without words has
 *   no last message
 */
export type FunAsrDialect = "documented" | "acknowledging" | "speaking";

/** What the fake does otherwise. */
export interface FunAsrServerOptions {
  readonly dialect?: FunAsrDialect;
  /** What the better model makes of a round's letters. By default the words, as they are. */
  readonly correct?: (letters: string) => string;
  /** What it hangs over: it never ends a round with these words. */
  readonly hangsAt?: string;
  /** Any free one by default. */
  readonly port?: number;
}

/** A fake FunASR server, and what it was told. */
export interface FunAsrServer extends FaultyServer {
  /** First messages, oldest first. */
  readonly begun: readonly z.infer<typeof firstMessage>[];
  /** Connections so far. */
  connections(): number;
  /** Bytes of each binary message, oldest first. */
  readonly sizes: readonly number[];
  /** What came that the protocol does not know. */
  readonly violations: readonly string[];
  /** Closes every connection, as a server does that restarts. */
  hangUp(): void;
}

/** What the fake needs of the library's sockets, which come without types. */
interface Socket {
  on(event: "close", listener: () => void): void;
  on(event: "message", listener: (data: Uint8Array, isBinary: boolean) => void): void;
  send(text: string): void;
  close(code: number): void;
  /** Breaks the connection without a word. */
  terminate(): void;
}

/**
 * Starts a fake of FunASR's real-time server in 2-pass mode: it hears `tones`, says after every 600 ms what it
 * heard in them, and corrects that at the end of a round. Without a VAD of its own.
 */
export async function startFunAsrServer(
  { dialect = "documented", correct = (letters) => letters, hangsAt, port = 0 }:
    FunAsrServerOptions = {},
): Promise<FunAsrServer> {
  const begun: z.infer<typeof firstMessage>[] = [];
  const sizes: number[] = [];
  const violations: string[] = [];
  const arrivals = createArrivals();
  let connections = 0;

  const server = new WebSocketServer({
    host: "127.0.0.1",
    port,
    verifyClient: (
      _info: { req: IncomingMessage },
      answer: (
        ok: boolean,
        status?: number,
        message?: string,
        headers?: Record<string, string>,
      ) => void,
    ) => {
      const fault = nextFault(fake);
      if (fault?.kind !== "refusal") return answer(true);
      const { status, retryAfterSeconds } = fault;
      answer(false, status, "no", { "retry-after": String(retryAfterSeconds ?? 1) });
    },
  });
  await new Promise<void>((resolve) => server.once("listening", () => resolve()));

  server.on("connection", (socket: Socket) => {
    connections++;
    const fault = nextFault(fake);
    const gone = arrivals.connect();
    const rounds = new Set<ServedArrival>();
    let talking = false;
    let round: Round | undefined;

    function say(message: Record<string, unknown>): void {
      if (fault?.kind === "silence") return;
      if (fault?.kind === "nonsense") return socket.send("<html>Welcome</html>");
      socket.send(JSON.stringify({ wav_name: "utterance", ...message }));
      talking = true;
      rounds.forEach(({ begin }) => begin());
      if (fault?.kind === "drop") socket.terminate();
    }

    function sayFinal(text: string): void {
      if (fault?.kind === "stall" || text === hangsAt) return;
      const offline = { mode: "2pass-offline", text };
      if (dialect === "documented") say({ ...(text ? offline : { text }), is_final: true });
      else if (text !== "") say({ ...offline, is_final: false });
      if (dialect === "acknowledging") say({ is_end: true, is_final: true });
    }

    async function answer(text: string): Promise<void> {
      const arrival = arrivals.arrive(fault);
      rounds.add(arrival);
      if (talking) arrival.begin();
      if (await arrival.ready()) sayFinal(text);
      if (fault === undefined || fault.kind === "late") arrival.finish();
    }

    socket.on("close", () => {
      rounds.forEach((arrival) => arrival.close());
      gone();
    });
    socket.on("message", (data: Uint8Array, isBinary: boolean) => {
      if (isBinary) {
        sizes.push(data.length);
        if (round === undefined) violations.push("audio before the first message");
        const online = round?.hear(data) ?? [];
        const speaking = dialect === "speaking";
        for (const text of online) say({ mode: "2pass-online", text, is_final: speaking });
        return;
      }
      const message = JSON.parse(new TextDecoder().decode(data));
      const first = firstMessage.safeParse(message);
      if (first.success) {
        if (round !== undefined) violations.push("a first message within a round");
        begun.push(first.data);
        round = createRound();
      } else if (lastMessage.safeParse(message).success && round !== undefined) {
        void answer(correct(round.text()));
        round = undefined;
      } else violations.push(`${JSON.stringify(message)}: ${first.error.message}`);
    });
  });

  const fake: FunAsrServer = {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    fault: undefined,
    begun,
    sizes,
    violations,
    connections: () => connections,
    arrivals: arrivals.count,
    nextArrival: arrivals.next,
    idle: arrivals.idle,
    hangUp: () => server.clients.forEach((socket: Socket) => socket.close(1001)),
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.clients.forEach((socket: Socket) => socket.terminate());
        server.close(() => resolve());
      }),
  };
  return fake;
}

interface Round {
  /** Hears more; what the small model says of it. */
  hear(pcm: Uint8Array): string[];
  /** All the words. */
  text(): string;
}

function createRound(): Round {
  const decode = createDecoder("pcm16");
  let unread: number[] = [];
  let begun = false;
  let unsaid = 0;
  let words = "";
  let shown = "";

  /** Reads whole letters; at the end, half a letter too. */
  function read(samples: Iterable<number>, last: boolean): void {
    unread.push(...samples);
    if (!begun) unread = unread.slice(firstTone(unread));
    begun = unread.length > 0;
    const whole = last ? unread.length : unread.length - unread.length % LETTER_SAMPLES;
    words += spokenText(Float32Array.from(unread.slice(0, whole)));
    unread = unread.slice(whole);
  }

  return {
    hear(pcm) {
      const samples = decode(pcm);
      read(samples, false);
      unsaid += samples.length;
      if (unsaid < CHUNK_SAMPLES) return [];
      unsaid -= CHUNK_SAMPLES;
      const text = words.slice(shown.length);
      shown = words;
      return text.trim() === "" ? [] : [text];
    },
    text() {
      read([], true);
      return words.replace(/\s+/g, " ").trim();
    },
  };
}

/** Where tones begin. */
function firstTone(samples: readonly number[]): number {
  const first = samples.findIndex((sample) => Math.abs(sample) > 0.01);
  return first < 0 ? samples.length : first;
}
