import { strictEqual as equal } from "node:assert/strict";
import { connect } from "node:net";
import OpenAI from "openai";
import { OpenAIRealtimeWS } from "openai/realtime/ws";
import { createEventLog, type EventLog, type WireEvent } from "../e2e/event_log.ts";
import { checkEvents } from "../fakes/event_recorder.ts";
import { runReadmeLine } from "./readme_lines.ts";

/** What the package `openai` calls an event that it sends. */
export type OpenaiEvent = Parameters<OpenAIRealtimeWS["send"]>[0];

/** A connection of the package `openai`. Disposing it holds all that it received against the protocol. */
export interface OpenaiConnection extends Pick<EventLog, "received" | "next">, AsyncDisposable {
  readonly rt: OpenAIRealtimeWS;
  /** What its `error` listener was told. */
  readonly errors: readonly Error[];
  send(...events: OpenaiEvent[]): void;
  /** Takes the next answer that is done. */
  answer(): Promise<string>;
}

/** Connects as a line of the README says. */
export async function connectOpenai(
  line: string,
  { server, ...given }: { readonly server: { readonly url: string }; readonly ca?: string },
): Promise<OpenaiConnection> {
  const scope = { OpenAI, OpenAIRealtimeWS, connect, ...given };
  const rt = runReadmeLine<OpenAIRealtimeWS>(line, { server, scope });
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
  await log.next(({ type }) => type === "session.created")
    .catch((cause) => Promise.reject(new Error(String(errors), { cause })));

  return {
    rt,
    errors,
    received: log.received,
    next: log.next,
    send(...events) {
      for (const event of events) rt.send(event);
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
      checkEvents(log.received.map(({ event }) => event));
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

/** Answers are to be in writing. */
export const IN_WRITING: OpenaiEvent = {
  type: "session.update",
  session: { type: "realtime", output_modalities: ["text"] },
};
