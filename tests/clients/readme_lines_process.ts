import { connect } from "node:net";
import { RealtimeAgent, RealtimeSession } from "@openai/agents-realtime";
import OpenAI from "openai";
import { RealtimeClient } from "openai-realtime-api";
import { OpenAIRealtimeWebSocket as BetaOpenAIRealtimeWebSocket } from "openai/beta/realtime/websocket";
import { OpenAIRealtimeWS as BetaOpenAIRealtimeWS } from "openai/beta/realtime/ws";
import { OpenAIRealtimeWebSocket } from "openai/realtime/websocket";
import { OpenAIRealtimeWS } from "openai/realtime/ws";
import WsWebSocket from "ws";
import type { WireEvent } from "../e2e/event_log.ts";
import { textOf } from "./agents_connection.ts";
import { README_LINES, runReadmeLine } from "./readme_lines.ts";

/**
 * Asks the servers at the URLs in its first two arguments, without TLS and with it, one question over every line of
 * the README and every scheme that the line names. Prints the answers. A process of its own, because only `--cert`
 * makes every client trust a certificate.
 */
const [plain = "", secure = "", certPath = ""] = Deno.args;

const ITEM = {
  type: "conversation.item.create" as const,
  item: {
    type: "message" as const,
    role: "user" as const,
    content: [{ type: "input_text" as const, text: "How much is 11 plus 12?" }],
  },
};

/** Evaluates a line, given what it takes as given. */
type Evaluate = <T>(scope: Readonly<Record<string, unknown>>) => T;

/** What `response.done` says that was answered. */
function answerIn({ response }: WireEvent): string {
  return response.output[0].content[0].transcript;
}

/** Both dialects of the package, and both of its sockets, are alike in all that is used here. */
function askOpenai(rt: OpenAIRealtimeWS): Promise<string> {
  return new Promise((resolve, reject) => {
    rt.on("error", reject);
    rt.on("session.created", () => {
      rt.send(ITEM);
      rt.send({ type: "response.create" });
    });
    rt.on("response.done", (event) => {
      resolve(answerIn(event as WireEvent));
      rt.close();
    });
  });
}

function askSocket(
  socket: Pick<WebSocket, "addEventListener" | "send" | "close">,
): Promise<string> {
  return new Promise((resolve, reject) => {
    socket.addEventListener("error", reject);
    socket.addEventListener("open", () => {
      socket.send(JSON.stringify(ITEM));
      socket.send(JSON.stringify({ type: "response.create" }));
    });
    socket.addEventListener("message", ({ data }) => {
      const event: WireEvent = JSON.parse(data);
      if (event.type !== "response.done") return;
      resolve(answerIn(event));
      socket.close();
    });
  });
}

async function askAgents(evaluate: Evaluate): Promise<string> {
  const session = new RealtimeSession(new RealtimeAgent({ name: "tester" }), {
    transport: "websocket",
  });
  const answered = Promise.withResolvers<string>();
  session.on("error", answered.reject);
  session.on("history_updated", (items) => {
    if (textOf(items[1]) !== "") answered.resolve(textOf(items[1]));
  });
  await evaluate<Promise<void>>({ session });
  session.sendMessage(ITEM.item.content[0]!.text);
  return await answered.promise.finally(() => session.close());
}

async function askApi(client: RealtimeClient): Promise<string> {
  await client.connect();
  client.sendUserMessageContent(ITEM.item.content);
  const done = await client.realtime.waitForNext("server.response.done");
  client.disconnect();
  return answerIn(done as WireEvent);
}

const tls = { OpenAI, ca: await Deno.readTextFile(certPath) };
const tcp = { OpenAI, connect };

const ASK: Readonly<Record<string, (evaluate: Evaluate) => Promise<string>>> = {
  "openai/realtime/ws": (evaluate) => askOpenai(evaluate({ ...tls, OpenAIRealtimeWS })),
  "openai/realtime/ws without TLS": (evaluate) => askOpenai(evaluate({ ...tcp, OpenAIRealtimeWS })),
  "openai/realtime/websocket": (evaluate) =>
    askOpenai(evaluate({ OpenAI, OpenAIRealtimeWebSocket })),
  "openai/beta/realtime/ws": (evaluate) =>
    askOpenai(evaluate({ ...tls, OpenAIRealtimeWS: BetaOpenAIRealtimeWS })),
  "openai/beta/realtime/ws without TLS": (evaluate) =>
    askOpenai(evaluate({ ...tcp, OpenAIRealtimeWS: BetaOpenAIRealtimeWS })),
  "openai/beta/realtime/websocket": (evaluate) =>
    askOpenai(evaluate({ OpenAI, OpenAIRealtimeWebSocket: BetaOpenAIRealtimeWebSocket })),
  "@openai/agents-realtime": askAgents,
  "openai-realtime-api": (evaluate) => askApi(evaluate({ RealtimeClient })),
  "ws": (evaluate) => askSocket(evaluate({ WebSocket: WsWebSocket })),
  "WebSocket of browsers and Deno": (evaluate) => askSocket(evaluate({ WebSocket })),
};

const answers: Record<string, string> = {};
for (const [client, { schemes }] of README_LINES) {
  for (const scheme of schemes) {
    const url = scheme === "wss" ? secure : plain;
    const answer = ASK[client]?.((scope) => runReadmeLine(client, { server: { url }, scope }));
    answers[`${client} over ${scheme}`] = await answer?.catch(String) ?? "nothing runs this line";
  }
}
// deno-lint-ignore no-console
console.log(JSON.stringify(answers));
