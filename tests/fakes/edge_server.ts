import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { createMp3Encoder } from "wasm-media-encoders";
import { WebSocketServer } from "ws";
import { unescapeXml } from "@/engines/tts/xml_text.ts";
import { createArrivals, type ServedArrival } from "./arrivals.ts";
import { type Arrival, type FaultyServer, nextFault } from "./faulty_server.ts";
import { endWith } from "./http_server.ts";
import { tones } from "./scripted_synthesiser.ts";

/** A text that was asked for. */
export interface EdgeRequest {
  readonly voice: string;
  readonly locale: string;
  /** As it stands in the SSML, e.g. `"+100%"`. */
  readonly rate: string;
  /** Without escapes. */
  readonly text: string;
  /** Which connection it came over, from 0. */
  readonly connection: number;
}

/** What a fake of the service does beside. */
export interface EdgeServerOptions {
  /** Voices it does not have. */
  readonly unknown?: readonly string[];
  /** Voices that say nothing, as those do that do not know the language. */
  readonly dumb?: readonly string[];
  /** How long it is silent before the second word of a text, in ms. */
  readonly pauseMs?: number;
  /** The status that it refuses every connection with. */
  readonly refusesWith?: number;
  /** Messages in place of an answer: text, or a binary frame. `ID` stands for the request's. */
  readonly script?: readonly (string | Uint8Array)[];
  /** Names of the voices that it lists, once they are there. Without them it has no list. */
  readonly voices?: readonly string[] | Promise<readonly string[]>;
  /** `user:password` that a relay wants of those who ask for the list. */
  readonly login?: string;
}

/** A fake of the service behind Edge's voices, and what it was asked. */
export interface EdgeServer extends FaultyServer {
  /** Oldest first. */
  readonly asked: readonly EdgeRequest[];
  /** What came that the service does not know. */
  readonly violations: readonly string[];
  /** Connections that are open. */
  connections(): number;
  /** The next request for the list of voices that nobody has been given yet. */
  nextList(): Promise<Arrival>;
  /** Ends every connection, as the service does with those that are idle. */
  hangUp(): void;
}

/** What the fake needs of the library's sockets, which come without types. */
interface Socket {
  on(event: "close", listener: () => void): void;
  on(event: "message", listener: (data: Uint8Array, isBinary: boolean) => void): void;
  send(data: string | Uint8Array): void;
  close(code: number, reason?: string): void;
  terminate(): void;
}

const SAMPLE_RATE = 24_000;

/** Length of a letter's tone at natural speed, in ms. */
export const LETTER_MS = 40;

const TICKS_PER_MS = 10_000;

/** Bytes of MP3 in one message: 120 ms. */
const PIECE_BYTES = 720;

/** What a refusal over an open connection is, by the status it would have been at the door. */
const CLOSE_CODES = { 401: 1008, 429: 1013, 500: 1011 } as const;

const mp3Encoder = createMp3Encoder();

const SSML = new RegExp(
  '^<speak version=.1\\.0. xmlns=.http://www\\.w3\\.org/2001/10/synthesis. xml:lang="([\\w-]+)">' +
    '<voice name="([\\w-]+)"><prosody pitch="\\+0Hz" rate="([+-]\\d+%)" volume="\\+0%">' +
    "((?:[^<>&]|&(?:amp|lt|gt|quot|apos);)*)</prosody></voice></speak>$",
  "s",
);

/**
 * Starts a fake of the service. A connection first says `speech.config`, then any number of `ssml`; each is
 * answered by `turn.start`, word boundaries, binary frames of MP3 and `turn.end`. Its speech is `tones`, lower for
 * voices with a longer name.
 */
export async function startEdgeServer(
  { unknown = [], dumb = [], refusesWith, script, pauseMs = 0, voices, login }: EdgeServerOptions =
    {},
): Promise<EdgeServer> {
  const asked: EdgeRequest[] = [];
  const violations: string[] = [];
  const arrivals = createArrivals();
  const lists = createArrivals();
  const sockets = new Set<Socket>();
  let connections = 0;

  const http = createServer(async (request, response) => {
    endWith(response, lists.arrive(undefined));
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://127.0.0.1");
    if (voices === undefined || pathname !== "/voices/list") {
      return void response.writeHead(404).end();
    }
    for (const name of ["trustedclienttoken", "Sec-MS-GEC", "Sec-MS-GEC-Version"]) {
      if (!searchParams.get(name)) violations.push(`asked for the voices without ${name}`);
    }
    if (login !== undefined && request.headers.authorization !== `Basic ${btoa(login)}`) {
      return void response.writeHead(401).end();
    }
    response.setHeader("content-type", "application/json; charset=utf-8");
    response.end(JSON.stringify((await voices).map(listedVoice)));
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const server = new WebSocketServer({
    server: http,
    verifyClient: (
      { req }: { req: IncomingMessage },
      answer: (
        ok: boolean,
        status?: number,
        message?: string,
        headers?: Record<string, string>,
      ) => void,
    ) => {
      const query = new URL(req.url ?? "/", "http://127.0.0.1").searchParams;
      for (const name of ["TrustedClientToken", "Sec-MS-GEC", "Sec-MS-GEC-Version"]) {
        if (!query.get(name)) violations.push(`connected without ${name}`);
      }
      if (refusesWith !== undefined) return answer(false, refusesWith, "no");
      const fault = nextFault(fake);
      if (fault?.kind !== "refusal") return answer(true);
      const { status, retryAfterSeconds } = fault;
      answer(false, status, "no", { "retry-after": String(retryAfterSeconds ?? 1) });
    },
  });
  server.on("connection", (socket: Socket) => {
    const connection = connections++;
    const gone = arrivals.connect();
    const waiting = new Set<ServedArrival>();
    let configured = false;
    sockets.add(socket);
    socket.on("close", () => {
      sockets.delete(socket);
      for (const arrival of waiting) arrival.close();
      gone();
    });
    socket.on("message", async (data: Uint8Array, isBinary: boolean) => {
      const [head = "", ...rest] = new TextDecoder().decode(data).split("\r\n\r\n");
      const headers = new Map(
        head.split("\r\n").map((line) => line.split(/:(.*)/s).slice(0, 2) as [string, string]),
      );
      const body = rest.join("\r\n\r\n");
      if (isBinary) violations.push("a binary message");
      if (headers.get("Path") === "speech.config") {
        configured = isConfig(body);
        if (!configured) violations.push(body);
        return;
      }
      const id = headers.get("X-RequestId");
      const ssml = SSML.exec(body);
      if (!configured || !id || headers.get("Path") !== "ssml" || ssml === null) {
        violations.push(head + body);
        return socket.close(1007, "bad request");
      }
      const [, locale = "", voice = "", rate = "", text = ""] = ssml;
      const request = { voice, locale, rate, text: unescapeXml(text), connection };
      const arrival = arrivals.arrive(nextFault(fake));
      asked.push(request);
      waiting.add(arrival);
      if (await arrival.ready()) await answer(request, { socket, id, arrival });
    });
  });

  async function answer(
    request: EdgeRequest,
    { socket, id, arrival }: { socket: Socket; id: string; arrival: ServedArrival },
  ): Promise<void> {
    const { fault } = arrival;
    if (fault?.kind === "silence") return;
    if (fault?.kind === "refusal") return socket.close(CLOSE_CODES[fault.status], request.text);
    if (fault?.kind === "nonsense") return socket.send("<html>Welcome</html>");
    if (unknown.includes(request.voice)) {
      return socket.close(1007, `Unsupported voice ${request.voice}.`);
    }
    if (script !== undefined) {
      for (const message of script) {
        socket.send(typeof message === "string" ? message.replaceAll("ID", id) : message);
      }
      return;
    }
    socket.send(text(id, "turn.start", { context: { serviceTag: "fake" } }));
    socket.send(text(id, "response", { audio: { type: "inline", streamId: "1" } }));
    const mp3 = dumb.includes(request.voice) ? new Uint8Array() : await speak(request, pauseMs);
    for (const metadata of boundaries(request, pauseMs)) {
      socket.send(text(id, "audio.metadata", metadata));
    }
    for (let at = 0; at < mp3.length; at += PIECE_BYTES) {
      socket.send(audio(id, mp3.subarray(at, at + PIECE_BYTES)));
      arrival.begin();
      if (fault?.kind === "stall") return;
      if (fault?.kind === "drop") return socket.terminate();
    }
    socket.send(audio(id, new Uint8Array()));
    socket.send(text(id, "turn.end", {}));
    arrival.finish();
  }

  let closing: Promise<void> | undefined;
  const fake: EdgeServer = {
    url: `ws://127.0.0.1:${(http.address() as AddressInfo).port}/edge/v1`,
    fault: undefined,
    asked,
    violations,
    connections: () => sockets.size,
    nextArrival: arrivals.next,
    arrivals: arrivals.count,
    idle: arrivals.idle,
    nextList: lists.next,
    hangUp() {
      for (const socket of sockets) socket.close(1000);
    },
    [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.terminate();
      closing ??= new Promise((resolve) => {
        server.close();
        http.close(() => resolve());
        http.closeAllConnections();
      });
      return closing;
    },
  };
  return fake;
}

/** A voice as the service lists it, e.g. `zh-CN-XiaoxiaoNeural`. */
function listedVoice(name: string): Record<string, unknown> {
  const [, locale = "", person = ""] = /^(.*)-(\w+)Neural$/.exec(name) ?? [];
  return {
    Name: `Microsoft Server Speech Text to Speech Voice (${locale}, ${person}Neural)`,
    ShortName: name,
    Gender: "Female",
    Locale: locale,
    SuggestedCodec: "audio-24khz-48kbitrate-mono-mp3",
    FriendlyName: `Microsoft ${person} Online (Natural) - ${locale}`,
    Status: "GA",
    VoiceTag: { ContentCategories: ["General"], VoicePersonalities: ["Friendly", "Positive"] },
  };
}

function isConfig(body: string): boolean {
  const { audio } = JSON.parse(body).context.synthesis;
  return audio.outputFormat === "audio-24khz-48kbitrate-mono-mp3" &&
    audio.metadataoptions.wordBoundaryEnabled === "true";
}

/** How long a letter sounds, in ms. */
function letterMs({ rate }: EdgeRequest): number {
  return LETTER_MS / (1 + parseInt(rate) / 100);
}

/** The speech of a text as the service sends it: MP3 of 24 kHz, 48 kbit/s, mono. */
async function speak(request: EdgeRequest, pauseMs: number): Promise<Uint8Array> {
  const pitch = 1 / edgePitch(request.voice);
  const sound = tones(request.text.replaceAll(/[^\x20-\x7e]/g, "o"), {
    sampleRate: SAMPLE_RATE * pitch,
    letterMs: letterMs(request) / pitch,
  });
  const begun = request.text.search(/ |$/) * sound.length / request.text.length;
  const samples = new Float32Array(sound.length + pauseMs / 1000 * SAMPLE_RATE);
  samples.set(sound.subarray(0, begun));
  samples.set(sound.subarray(begun), begun + samples.length - sound.length);
  const encoder = await mp3Encoder;
  encoder.configure({ channels: 1, sampleRate: SAMPLE_RATE, bitrate: 48 });
  const body = encoder.encode([samples]).slice(); // the next call takes the memory back
  return await new Blob([body, encoder.finalize().slice()]).bytes();
}

/** How much higher a voice is than `tones`. */
export function edgePitch(voice: string): number {
  return 1 / (1 - hash(voice) / 4000);
}

/** 0 to 996, different for most names. */
function hash(name: string): number {
  return [...name].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 997, 0);
}

/** Where each word begins; the service tells its words with the escapes of the SSML. */
function* boundaries(request: EdgeRequest, pauseMs: number): Generator<unknown> {
  const words = new Intl.Segmenter(request.locale, { granularity: "word" }).segment(request.text);
  for (const { segment, index, isWordLike } of words) {
    if (!isWordLike) continue;
    const before = [...request.text.slice(0, index)].length;
    const pause = before > 0 ? pauseMs : 0;
    yield {
      Metadata: [{
        Type: "WordBoundary",
        Data: {
          Offset: Math.round((pause + before * letterMs(request)) * TICKS_PER_MS),
          Duration: Math.round([...segment].length * letterMs(request) * TICKS_PER_MS),
          text: { Text: segment, Length: segment.length, BoundaryType: "WordBoundary" },
        },
      }],
    };
  }
  yield { Metadata: [{ Type: "SessionEnd", Data: { Offset: 1 } }] };
}

function text(id: string, path: string, body: unknown): string {
  return `X-RequestId:${id}\r\nContent-Type:application/json; charset=utf-8\r\nPath:${path}\r\n\r\n` +
    JSON.stringify(body);
}

/** A binary frame: length of the head in two bytes, the head, the audio. */
function audio(id: string, mp3: Uint8Array): Uint8Array {
  const head = new TextEncoder().encode(
    `X-RequestId:${id}\r\nContent-Type:audio/mpeg\r\nX-StreamId:1\r\nPath:audio\r\n`,
  );
  return Uint8Array.of(head.length >> 8, head.length & 0xff, ...head, ...mp3);
}
