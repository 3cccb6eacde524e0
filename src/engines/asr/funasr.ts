import type { Config } from "@/config.ts";
import type { SpeechRecogniser } from "@/engines/asr/engine.ts";
import { connect, type Connection } from "@/engines/asr/funasr/connection.ts";
import { hear, type OpenConnection } from "@/engines/asr/funasr/hear.ts";
import { createManners } from "@/engines/asr/funasr/manners.ts";
import { beginMessage } from "@/engines/asr/funasr/protocol.ts";
import { listen } from "@/engines/asr/listen.ts";
import { EngineError } from "@/errors.ts";

/** A server on the same network connects within a few ms, and corrects a sentence within a second. */
const PATIENCE_MS = 5000;

/** How the engine treats its server. */
export interface FunAsrOptions {
  /** Ms for which it waits for the connection, and for anything the server owes. */
  readonly patienceMs?: number;
}

/**
 * FunASR's real-time recogniser in two passes, over a WebSocket: texts of a small model while the user speaks, and
 * those of a better one, with punctuation, from every pause on. Mandarin first, and whatever else the server's models
 * know.
 *
 * Each utterance has a connection of its own, made when its first word comes and closed with its final text.
 */
export function createFunAsr(
  { remote: { funasrUrl } }: { readonly remote: Pick<Config["remote"], "funasrUrl"> },
  { patienceMs = PATIENCE_MS }: FunAsrOptions = {},
): Promise<SpeechRecogniser> {
  const connections = new Set<Connection>();
  const manners = createManners();

  const open: OpenConnection = (events) => {
    const connection = connect(funasrUrl, { ...events, patienceMs });
    connections.add(connection);
    connection.opened.catch((reason) => {
      if (reason instanceof EngineError) manners.forget();
    });
    connection.closed.then(() => connections.delete(connection));
    return connection;
  };

  return Promise.resolve({
    name: "funasr",
    transcribe(audio, { signal, ...hints }) {
      const life = new AbortController();
      return listen(audio, {
        signal,
        hear: (reader, outlet) =>
          hear(reader, {
            ...outlet,
            open,
            begin: beginMessage(hints),
            manners,
            patienceMs,
            signal: life.signal,
          }),
        end: () => life.abort(),
      });
    },
    async [Symbol.asyncDispose]() {
      connections.forEach((connection) => connection.close());
      await Promise.all([...connections].map(({ closed }) => closed));
    },
  });
}
