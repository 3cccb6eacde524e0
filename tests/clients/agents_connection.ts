import { deepStrictEqual as deepEqual } from "node:assert/strict";
import {
  OpenAIRealtimeWebSocket,
  type OpenAIRealtimeWebSocketOptions,
  RealtimeAgent,
  type RealtimeItem,
  RealtimeSession,
} from "@openai/agents-realtime";
import { SERVER_EVENTS } from "@/realtime/server_events.ts";
import { createEventLog, type EventLog, type WireEvent } from "../e2e/event_log.ts";
import { checkEvents } from "../fakes/event_recorder.ts";
import { runReadmeLine } from "./readme_lines.ts";

/** A session of `@openai/agents-realtime`. Disposing it holds all that it received against the protocol, and against its own schemas. */
export interface AgentsConnection extends Pick<EventLog, "received" | "next">, AsyncDisposable {
  readonly session: RealtimeSession;
  readonly transport: OpenAIRealtimeWebSocket;
  /** What it sent once it was connected. */
  readonly sent: readonly WireEvent[];
  /** What its `error` listener was told. */
  readonly errors: readonly unknown[];
  /** The audio that it would have played, in bytes. */
  audioBytes(): number;
  /** Resolves to its history once that is as it should be; rejects when it is not within half a minute. */
  history(matches: (items: readonly RealtimeItem[]) => boolean): Promise<readonly RealtimeItem[]>;
}

/** How a {@linkcode AgentsConnection} is made. */
export interface AgentsOptions {
  readonly server: { readonly url: string };
  readonly agent?: RealtimeAgent;
  readonly config?: ConstructorParameters<typeof RealtimeSession>[1];
  /** Makes its socket. By default the package `ws` does. */
  readonly createWebSocket?: NonNullable<OpenAIRealtimeWebSocketOptions["createWebSocket"]>;
}

/** How long a change of the history is waited for, in ms. */
const PATIENCE_MS = 30_000;

/** Connects as the README says. */
export async function connectAgents(
  { server, agent = new RealtimeAgent({ name: "tester" }), config = {}, ...socket }: AgentsOptions,
): Promise<AgentsConnection> {
  const transport = new OpenAIRealtimeWebSocket(socket);
  const session = new RealtimeSession(agent, { ...config, transport });
  const log = createEventLog();
  const errors: unknown[] = [];
  const sent: WireEvent[] = [];
  const understood: string[] = [];
  const waiting = new Set<() => void>();
  let audioBytes = 0;
  session.on("transport_event", (event) => log.add(event as WireEvent));
  session.on("error", (error) => errors.push(error));
  session.on("audio", ({ data }) => audioBytes += data.byteLength);
  session.on("history_updated", () => waiting.forEach((look) => look()));
  for (const type of Object.keys(SERVER_EVENTS)) {
    transport.on(type as "*", () => understood.push(type));
  }

  await runReadmeLine<Promise<void>>("@openai/agents-realtime", { server, scope: { session } });
  const { websocket } = transport.connectionState;
  if (websocket === undefined) throw new Error("It has connected, yet has no socket");
  const send = websocket.send.bind(websocket);
  websocket.send = (data) => {
    sent.push(JSON.parse(String(data)));
    send(data);
  };
  const closed = new Promise<void>((resolve) => {
    websocket.addEventListener("close", () => {
      log.end();
      resolve();
    });
  });

  return {
    session,
    transport,
    sent,
    errors,
    received: log.received,
    next: log.next,
    audioBytes: () => audioBytes,
    history(matches) {
      const { promise, resolve, reject } = Promise.withResolvers<readonly RealtimeItem[]>();
      const patience = setTimeout(() => {
        waiting.delete(look);
        reject(new Error(`The history stays ${JSON.stringify(session.history)}`));
      }, PATIENCE_MS);
      function look(): void {
        if (!matches(session.history)) return;
        waiting.delete(look);
        clearTimeout(patience);
        resolve([...session.history]);
      }
      waiting.add(look);
      look();
      return promise;
    },
    async [Symbol.asyncDispose]() {
      session.close();
      await closed;
      const events = log.received.map(({ event }) => event);
      deepEqual(understood, events.map(({ type }) => type));
      checkEvents(events, { cut: true });
    },
  };
}

/** What an item of the history says; for a call its output. */
export function textOf(item: RealtimeItem | undefined): string {
  if (item?.type === "function_call") return item.output ?? "";
  if (item?.type !== "message") return "";
  return item.content.map((part) => "text" in part ? part.text : part.transcript ?? "").join("");
}
