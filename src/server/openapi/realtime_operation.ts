import { type JsonSchema, refTo } from "@/server/openapi/components.ts";

/** What the query of a connection may say. */
const PARAMETERS: Readonly<Record<string, string>> = {
  model: "What the client calls the model; echoed, never refused.",
  session: "Id of a session to go on with. An unknown one begins a new session.",
  intent: "`transcription` for a session that only listens.",
  audio: "`binary` for audio in binary frames, both ways, without base64.",
  partials: "`1` for what an unfinished utterance seems to say.",
  metrics: "`1` for how long each turn took.",
};

/**
 * How the WebSocket endpoint is opened. OpenAPI has no words for what follows: the events that go over it are the
 * schemas which `x-client-events` and `x-server-events` point to.
 */
export const REALTIME_OPERATION: JsonSchema = {
  operationId: "connectRealtime",
  tags: ["realtime"],
  summary: "Opens a conversation: a WebSocket that speaks OpenAI's Realtime protocol.",
  description:
    "Text frames, one event each. The key or token goes into `Authorization: Bearer KEY`, or into the subprotocol " +
    "`openai-insecure-api-key.KEY`; client secrets (`ek_…`) open it too. `OpenAI-Beta: realtime=v1`, or the " +
    "subprotocol `openai-beta.realtime-v1`, asks for the beta dialect.",
  parameters: Object.entries(PARAMETERS).map(([name, description]) => ({
    name,
    in: "query",
    description,
    schema: { type: "string" },
  })),
  responses: {
    101: { description: "The connection is open." },
    401: { $ref: "#/components/responses/401" },
    403: { $ref: "#/components/responses/403" },
    426: {
      description: "The request asks for no WebSocket.",
      content: { "application/json": { schema: refTo("Error") } },
    },
    503: { $ref: "#/components/responses/503" },
  },
  "x-client-events": refTo("ClientEvent"),
  "x-server-events": refTo("ServerEvent"),
};
