import { strictEqual as equal } from "node:assert/strict";
import OpenAI from "openai";
import { OpenAIRealtimeWS as BetaOpenAIRealtimeWS } from "openai/beta/realtime/ws";
import { OpenAIRealtimeWS } from "openai/realtime/ws";
import type { Dialect } from "@/realtime/dialect.ts";
import { createEventLog, type EventLog, type WireEvent } from "../e2e/event_log.ts";
import { checkEvents } from "../fakes/event_recorder.ts";
import { runReadmeLine } from "./readme_lines.ts";

/** What the package `openai` calls an event that it sends. */
export type OpenaiEvent =
  | Parameters<OpenAIRealtimeWS["send"]>[0]
  | Parameters<BetaOpenAIRealtimeWS["send"]>[0];

/** A connection of the package `openai`. Disposing it holds all that it received against the protocol. */
export interface OpenaiConnection extends Pick<EventLog, "received" | "next">, AsyncDisposable {
  /** What its `error` listener was told. */
  readonly errors: readonly Error[];
  send(...events: OpenaiEvent[]): void;
  /** Takes the next answer that is done. */
  answer(): Promise<string>;
}

/** Where and how {@linkcode connectOpenai} connects. */
export interface OpenaiOptions {
  readonly server: { readonly url: string };
  /** A certificate to be trusted, in PEM. */
  readonly ca: string;
  /** Whose half of the package. @default {"ga"} */
  readonly dialect?: Dialect;
}

/** Connects as a line of the README says. */
export async function connectOpenai(
  line: string,
  { server, ca, dialect = "ga" }: OpenaiOptions,
): Promise<OpenaiConnection> {
  const scope = {
    OpenAI,
    OpenAIRealtimeWS: dialect === "ga" ? OpenAIRealtimeWS : BetaOpenAIRealtimeWS,
    ca,
  };
  const connection = listen(
    runReadmeLine<OpenAIRealtimeWS>(line, { server, scope }),
    dialect,
  );
  await connection.next(({ type }) => type === "session.created")
    .catch((cause) => Promise.reject(new Error(String(connection.errors), { cause })));
  return connection;
}

/** Follows a connection from its very beginning. */
export function listen(rt: OpenAIRealtimeWS, dialect: Dialect = "ga"): OpenaiConnection {
  const log = createEventLog();
  const errors: Error[] = [];
  const closed = Promise.withResolvers<void>();
  rt.on("event", (event) => log.add(event as WireEvent));
  rt.on("error", (error) => errors.push(error));
  rt.socket.on("close", () => {
    log.end();
    closed.resolve();
  });
  let answered = 0;

  return {
    errors,
    received: log.received,
    next: log.next,
    send(...events) {
      for (const event of events) rt.send(event as Parameters<OpenAIRealtimeWS["send"]>[0]);
    },
    async answer() {
      const done = await log.next(({ type }) => type === "response.done", answered);
      answered = log.received.findIndex(({ event }) => event === done) + 1;
      equal(done.response.status, "completed", JSON.stringify(done));
      return done.response.output
        .flatMap(({ content = [] }: WireEvent) => content)
        .map(({ text, transcript }: WireEvent) => text ?? transcript)
        .join("");
    },
    async [Symbol.asyncDispose]() {
      rt.close();
      await closed.promise;
      checkEvents(log.received.map(({ event }) => event), { dialect });
    },
  };
}

/** What a user writes, and that it be answered. */
export function question(text: string): OpenaiEvent[] {
  return [
    {
      type: "conversation.item.create",
      item: { type: "message", role: "user", content: [{ type: "input_text", text }] },
    },
    { type: "response.create" },
  ];
}
