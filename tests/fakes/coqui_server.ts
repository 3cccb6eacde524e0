import type { IncomingMessage, ServerResponse } from "node:http";
import { encodeWav } from "@/audio/wav.ts";
import { createArrivals, type ServedArrival } from "./arrivals.ts";
import { type FaultyServer, nextFault } from "./faulty_server.ts";
import { endWith, startHttpServer } from "./http_server.ts";
import { tones } from "./scripted_synthesiser.ts";

/** What the model of a fake server is. */
export interface CoquiServerOptions {
  /** Speakers of its model; none: it has one voice. */
  readonly speakers?: readonly string[];
  /** Languages of its model, by its own names; none: it has one language, and does not look at the field. */
  readonly languages?: readonly string[];
  /** `user:password` that every request must bring, as a proxy before the server asks. */
  readonly login?: string;
  /** Hz. 22050 by default, the rate of most of Coqui's models. */
  readonly sampleRate?: number;
  /** A server too old to list its speakers. */
  readonly listless?: boolean;
  /** Any free one by default. */
  readonly port?: number;
}

/** A fake Coqui TTS server, and what it was asked. */
export interface CoquiServer extends FaultyServer {
  /** The fields of each request for speech, oldest first. */
  readonly asked: readonly Readonly<Record<string, string>>[];
}

/** Length of one letter's tone, in ms. */
const LETTER_MS = 60;

/** Bytes that leave at once. */
const PIECE_BYTES = 8192;

/**
 * Starts a fake of Coqui's `server.py`: `/api/tts` takes fields in a form or the query and answers with all of a
 * WAV file, `/voices` lists `speaker locale gender`. Its speech is `tones`, lower for each further speaker.
 */
export async function startCoquiServer(
  { speakers = [], languages = [], login, sampleRate = 22_050, listless = false, port = 0 }:
    CoquiServerOptions = {},
): Promise<CoquiServer> {
  const asked: Record<string, string>[] = [];
  const arrivals = createArrivals();

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    if (login !== undefined && request.headers.authorization !== `Basic ${btoa(login)}`) {
      return refuse(response, 401, `No entry with ${request.headers.authorization}`);
    }
    if (url.pathname === "/voices" && !listless) return list(response);
    if (url.pathname !== "/api/tts") return refuse(response, 404);
    const form = new URLSearchParams(await readText(request));
    const fields = { ...Object.fromEntries(url.searchParams), ...Object.fromEntries(form) };
    asked.push(fields);
    const arrival = arrivals.arrive(nextFault(fake));
    const { fault } = arrival;
    endWith(response, arrival);
    if (fault?.kind === "silence" || !await arrival.ready()) return;
    if (fault?.kind === "refusal") {
      if (fault.retryAfterSeconds !== undefined) {
        response.setHeader("retry-after", fault.retryAfterSeconds);
      }
      return refuse(response, fault.status, `TTS synthesis failed: ${fields.text}`);
    }
    if (fault?.kind === "nonsense") {
      return void response.setHeader("content-type", "audio/wav").end("<html>Welcome</html>");
    }
    if (!fields.text?.trim()) return refuse(response, 400, "Text parameter is required");
    if (speakers.length > 0 && !speakers.includes(fields.speaker_id ?? "")) {
      return refuse(response, 500, "TTS synthesis failed: no such speaker");
    }
    if (languages.length > 0 && !languages.includes(fields.language_id ?? "")) {
      return refuse(response, 500, "TTS synthesis failed: no such language");
    }
    await speak(response, fields, arrival);
  }

  async function speak(
    response: ServerResponse,
    { text = "", speaker_id = "" }: Readonly<Record<string, string>>,
    arrival: ServedArrival,
  ): Promise<void> {
    const pitch = 1 + Math.max(0, speakers.indexOf(speaker_id)) / 10;
    const samples = tones(text, {
      sampleRate: sampleRate * pitch,
      letterMs: LETTER_MS / pitch,
    });
    const file = encodeWav({ samples, sampleRate });
    response.writeHead(200, { "content-type": "audio/wav", "content-length": file.length });
    for (let at = 0; at < file.length; at += PIECE_BYTES) {
      await new Promise((resolve) =>
        response.write(file.subarray(at, at + PIECE_BYTES), () => resolve(undefined))
      );
      arrival.begin();
      if (arrival.fault?.kind === "stall") return;
      if (arrival.fault?.kind === "drop") return void response.destroy();
    }
    response.end();
  }

  function list(response: ServerResponse): void {
    const lines = speakers.length > 0
      ? speakers.map((name) => `${name.replaceAll("'", "&#39;")} multilingual u\n`)
      : ["ljspeech en u\n"];
    response.end(lines.join(""));
  }

  const server = await startHttpServer(serve, port);
  const fake: CoquiServer = {
    url: server.origin,
    fault: undefined,
    asked,
    nextArrival: arrivals.next,
    arrivals: arrivals.count,
    idle: arrivals.idle,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
  return fake;
}

function refuse(response: ServerResponse, status: number, error = "Not Found"): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify({ error }));
}

async function readText(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const bytes of request.setEncoding("utf8")) text += bytes;
  return text;
}
