import { MsEdgeTTS, OUTPUT_FORMAT } from "msedge-tts";
import { failureOfStatus, readRetryAfter } from "@/engines/http_status.ts";
import { library, PUBLIC_URL } from "@/engines/tts/edge/library.ts";
import { readWordBoundaries, type WordBoundary } from "@/engines/tts/edge/word_boundaries.ts";
import { EngineError, type EngineErrorOptions } from "@/errors.ts";

/** A piece of what the service sends for a text. */
export type EdgePart =
  | { readonly kind: "audio"; readonly mp3: Uint8Array }
  | { readonly kind: "words"; readonly words: readonly WordBoundary[] };

/** A connection to the service. Takes one request at a time. */
export interface EdgeConnection {
  /** Whether it can take a request. */
  open(): boolean;
  /**
   * Has a text spoken. Errors with an `EngineError` if the speech is cut off: whatever ends before the service
   * says that it is whole.
   */
  request(ssml: string): ReadableStream<EdgePart>;
  /** Ends it at once, in whatever state. */
  close(): void;
  /** Settles when it has ended. */
  readonly closed: Promise<void>;
}

/** Where to connect, and until when to try. */
export interface ConnectEdgeOptions {
  /** `undefined` is the public service. */
  readonly url: string | undefined;
  readonly signal: AbortSignal;
}

/** What we need of the package's socket, which is one of npm `ws`. */
interface Socket {
  readonly readyState: number;
  emit(event: string, ...values: unknown[]): boolean;
  terminate(): void;
}

/** What the socket tells of an upgrade that was refused. */
interface Refusal {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
}

const OPEN = 1;

/** The package wants a voice to connect; each request names its own. */
const ANY_VOICE = "en-US-AriaNeural";

/** Close codes that say that the request was wrong, as the service uses them: 1007 is an unknown voice. */
const REFUSALS = [1003, 1007, 1008];
const TRY_LATER = 1013;

const WHY_403 = ", as it does where the clock is wrong or this program too old";

/**
 * Connects to the service through npm `msedge-tts`, and makes good what the package lacks: it throws inside the
 * socket's events when a message is not what it expects or comes late, which would end the process; it rejects
 * where nobody can catch it when it must reconnect; it has no deadline and cannot be aborted. So its socket is
 * watched from the moment there is one.
 *
 * @throws {EngineError} if the service refuses or cannot be reached.
 */
export async function connectEdge(
  { url, signal }: ConnectEdgeOptions,
): Promise<EdgeConnection> {
  const tts = new MsEdgeTTS();
  const closed = Promise.withResolvers<void>();
  let socket: Socket | undefined;
  let failure: EngineError | undefined;

  function fail(what: string, options: Omit<EngineErrorOptions, "engine">): EngineError {
    return failure ??= new EngineError(`edge ${what}`, { engine: "edge", ...options });
  }

  function observe(event: string, values: readonly unknown[]): void {
    if (event === "unexpected-response") {
      const { statusCode, headers } = values[1] as Refusal;
      fail(`was refused with ${statusCode}${statusCode === 403 ? WHY_403 : ""}`, {
        failure: failureOfStatus(statusCode),
        retryAfterMs: readRetryAfter(headers["retry-after"]),
      });
    }
    if (event === "error") {
      const { message, code } = values[0] as Error & { readonly code?: string };
      if (code?.startsWith("WS_ERR")) fail(`was sent ${message}`, { failure: "malformed" });
      else fail(`cannot be reached: ${message}`, { failure: "unavailable" });
    }
    if (event === "close") {
      const code = Number(values[0]);
      if (REFUSALS.includes(code)) fail(`was refused with ${code}`, { failure: "rejected" });
      else if (code === TRY_LATER) fail("is to try later", { failure: "overloaded" });
      else fail(`lost its connection (${code})`, { failure: "unavailable" });
      closed.resolve();
    }
  }

  function watch(opened: Socket): Socket {
    const emit = opened.emit.bind(opened);
    opened.emit = (event, ...values) => {
      observe(event, values);
      return guard(() => emit(event, ...values)) ?? true;
    };
    if (signal.aborted) opened.terminate();
    return opened;
  }

  /** Does what must not throw, since nobody could catch it. */
  function guard<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (cause) {
      fail("was sent what is not of its protocol", { failure: "malformed", cause });
      close();
    }
  }

  function close(): void {
    socket?.terminate();
  }

  Object.defineProperty(tts, "_ws", {
    get: () => socket,
    set: (opened: Socket) => socket = watch(opened),
  });
  signal.addEventListener("abort", close, { once: true });
  try {
    library.WSS_URL = url ?? PUBLIC_URL;
    await tts.setMetadata(ANY_VOICE, OUTPUT_FORMAT.AUDIO_24KHZ_48KBITRATE_MONO_MP3, {
      wordBoundaryEnabled: true,
    });
  } catch (cause) {
    if (socket !== undefined) await closed.promise;
    throw failure ?? cause;
  } finally {
    signal.removeEventListener("abort", close);
  }

  return {
    open: () => socket?.readyState === OPEN,
    request(ssml) {
      if (socket?.readyState !== OPEN) {
        throw fail("lost its connection", { failure: "unavailable" });
      }
      const { audioStream, metadataStream } = tts.rawToStream(ssml);
      let over = false;
      return new ReadableStream<EdgePart>({
        start(controller) {
          function put(part: () => EdgePart): void {
            if (!over) guard(() => controller.enqueue(part()));
          }
          metadataStream?.on(
            "data",
            (json: Uint8Array) =>
              put(() => ({ kind: "words", words: readWordBoundaries(decodeText(json)) })),
          );
          audioStream.on("data", (mp3: Uint8Array) => put(() => ({ kind: "audio", mp3 })));
          audioStream.on("end", () => {
            if (!over) controller.close();
            over = true;
          });
          audioStream.on("error", (cause) => {
            if (!over) controller.error(fail("broke off", { failure: "unavailable", cause }));
            over = true;
          });
        },
        cancel() {
          over = true;
          close();
        },
      });
    },
    close,
    closed: closed.promise,
  };
}

function decodeText(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
