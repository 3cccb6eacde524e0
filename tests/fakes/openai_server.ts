import type { IncomingMessage, ServerResponse } from "node:http";
import { completeChat } from "./openai_chat.ts";
import { speak, transcribe } from "./openai_audio.ts";
import { createArrivals, type ServedArrival } from "./arrivals.ts";
import { type Fault, type FaultyServer, nextFault } from "./faulty_server.ts";
import { endWith, startHttpServer } from "./http_server.ts";

/** A request as it came. */
export interface FakeRequest {
  /** E.g. `/v1/chat/completions`. */
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: Uint8Array<ArrayBuffer>;
  /** Of the client: tells one connection from another. */
  readonly port: number | undefined;
}

/** What a route of the fake answers with, piece by piece. */
export interface FakeAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Each is written by itself. */
  readonly pieces: AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>;
  /** Whether it goes on for ever, with nothing behind the last piece. */
  readonly staysOpen?: boolean;
}

/** An error in the API's own form. */
export interface FakeError {
  readonly status: number;
  readonly message: string;
  readonly type?: string;
  readonly code?: string | null;
  readonly param?: string | null;
}

/** How the fake differs from OpenAI's own server. */
export interface FakeOpenAiOptions {
  /** Callers must show it. Without one nobody needs a key. */
  readonly apiKey?: string;
  /** What `GET /models` lists. Without it there is no such route. */
  readonly models?: readonly Readonly<Record<string, unknown>>[];
  /** Whether it answers 200 to a route that it does not have, as LM Studio does. */
  readonly answersAll?: boolean;
  /** Fields that it refuses by name, as some servers do what they do not know. */
  readonly refuses?: readonly string[];
  /** What it complains of in a request for a chat, in words of its own. */
  readonly complains?: (request: Readonly<Record<string, unknown>>) => FakeError | undefined;
  /** Most tokens of a prompt; a token is four characters. */
  readonly contextTokens?: number;
  /** Most tokens of a prompt and its reply, of which it complains as vLLM does; a token is four characters. */
  readonly modelLength?: number;
  /** Choices of chat chunks, in place of a reply of its own. */
  readonly chunks?: readonly Readonly<Record<string, unknown>>[];
  /** Whether it keeps the stream of a reply open, and never counts its tokens. */
  readonly staysOpen?: boolean;
  /** What it says instead of what it hears in code, or what it hears in 16 kHz samples. */
  readonly hears?: string | ((samples: Float32Array) => string);
  /** What speech comes as, whatever was asked for. */
  readonly speech?: { readonly contentType: string; readonly bytes: Uint8Array<ArrayBuffer> };
  /** Voices it has instead of OpenAI's; it lists them as Kokoro-FastAPI does. */
  readonly voices?: readonly string[];
}

/** OpenAI's HTTP API, faked. */
export interface FakeOpenAi extends FaultyServer {
  /** Ends in `/v1`. */
  readonly url: string;
  /** Everything that came, in order, `GET /models` included. */
  readonly requests: readonly FakeRequest[];
}

/**
 * Starts a fake on a free port. It is written from the API reference: chat completions as server-sent events,
 * transcriptions of multipart uploads, speech as bytes, and the list of models. It refuses what the reference does
 * not have.
 */
export async function startFakeOpenAi(options: FakeOpenAiOptions = {}): Promise<FakeOpenAi> {
  const requests: FakeRequest[] = [];
  const arrivals = createArrivals();

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readAll(request);
    const path = request.url ?? "/";
    const came = { path, headers: request.headers, body, port: request.socket.remotePort };
    requests.push(came);
    if (path === "/v1/models" && options.models !== undefined) {
      const list = json({ object: "list", data: options.models });
      return await send(response, authorised(came) ? list : refusal(badKey(request)));
    }
    if (path === "/v1/audio/voices" && options.voices !== undefined) {
      return await send(response, json({ voices: options.voices.map((id) => ({ id, name: id })) }));
    }
    const route = ROUTES[path];
    if (request.method !== "POST" || route === undefined) {
      const error = `Unexpected endpoint or method. (${request.method} ${path})`;
      return await send(response, options.answersAll ? json({ error }) : refusal(notFound(path)));
    }
    const arrival = arrivals.arrive(nextFault(fake));
    const { fault } = arrival;
    endWith(response, arrival);
    if (fault?.kind === "silence" || !await arrival.ready()) return;
    if (!authorised(came)) return await send(response, refusal(badKey(request)));
    if (fault?.kind === "refusal") return await send(response, refusalOf(fault, came));
    if (fault?.kind === "nonsense") return await send(response, NONSENSE[path]!);
    const answer = await route(came, options);
    const full = "error" in answer ? refusal(answer.error) : answer;
    await send(response, full, arrival);
  }

  function authorised({ headers }: FakeRequest): boolean {
    return options.apiKey === undefined || headers.authorization === `Bearer ${options.apiKey}`;
  }

  const server = await startHttpServer(serve);
  const fake: FakeOpenAi = {
    url: `${server.origin}/v1`,
    requests,
    fault: undefined,
    arrivals: arrivals.count,
    nextArrival: arrivals.next,
    idle: arrivals.idle,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
  return fake;
}

type Route = (
  request: FakeRequest,
  options: FakeOpenAiOptions,
) => Promised<FakeAnswer | { readonly error: FakeError }>;

type Promised<T> = T | Promise<T>;

const ROUTES: Readonly<Record<string, Route>> = {
  "/v1/chat/completions": completeChat,
  "/v1/audio/transcriptions": transcribe,
  "/v1/audio/speech": speak,
};

/** Answers with status 200 that are none. */
const NONSENSE: Readonly<Record<string, FakeAnswer>> = {
  "/v1/chat/completions": {
    headers: { "content-type": "text/event-stream" },
    pieces: ['data: {"object":"chat.completion.chunk","choices":"none"}\n\n'],
  },
  "/v1/audio/transcriptions": json({ words: "none" }),
  "/v1/audio/speech": {
    headers: { "content-type": "text/html; charset=utf-8" },
    pieces: ["<!doctype html><title>Welcome to this Wi-Fi</title>"],
  },
};

async function send(
  response: ServerResponse,
  { status = 200, headers = {}, pieces, staysOpen = false }: FakeAnswer,
  arrival?: ServedArrival,
): Promise<void> {
  response.writeHead(status, { "x-request-id": "req_fake", ...headers });
  let written = 0;
  for await (const piece of pieces) {
    if (response.destroyed) return;
    await new Promise((resolve) => response.write(piece, resolve));
    arrival?.begin();
    written++;
    if (arrival?.fault?.kind === "stall") return;
    if (arrival?.fault?.kind === "drop") return void response.socket?.destroy();
  }
  if (written === 0) response.flushHeaders();
  if (!staysOpen) response.end();
}

/** An answer in JSON, in two pieces, so that it can break between them. */
export function json(value: unknown): FakeAnswer {
  const text = JSON.stringify(value);
  const half = Math.ceil(text.length / 2);
  return {
    headers: { "content-type": "application/json" },
    pieces: [text.slice(0, half), text.slice(half)],
  };
}

function refusal(
  { status, message, type = "invalid_request_error", code = null, param = null }: FakeError,
): FakeAnswer {
  return { ...json({ error: { message, type, param, code } }), status };
}

/** Repeats what came, like the worst of servers. */
function refusalOf(
  { status, retryAfterSeconds }: Extract<Fault, { kind: "refusal" }>,
  { headers, body }: FakeRequest,
): FakeAnswer {
  const said = `${headers.authorization} asked for ${new TextDecoder().decode(body)}`;
  const answers = {
    401: { message: `Incorrect API key provided: ${said}`, code: "invalid_api_key" },
    429: { message: `Rate limit reached: ${said}`, type: "requests", code: "rate_limit_exceeded" },
    500: { message: `The server had an error: ${said}`, type: "server_error" },
  };
  const answer = refusal({ status, ...answers[status] });
  return {
    ...answer,
    headers: {
      ...answer.headers,
      ...(retryAfterSeconds !== undefined && { "retry-after": String(retryAfterSeconds) }),
    },
  };
}

function badKey({ headers }: IncomingMessage): FakeError {
  return {
    status: 401,
    message: headers.authorization === undefined
      ? "You didn't provide an API key."
      : `Incorrect API key provided: ${headers.authorization}`,
    code: headers.authorization === undefined ? null : "invalid_api_key",
  };
}

function notFound(path: string): FakeError {
  return { status: 404, message: `Invalid URL (${path})` };
}

async function readAll(request: IncomingMessage): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return new Uint8Array(await new Blob(chunks as Uint8Array<ArrayBuffer>[]).arrayBuffer());
}
