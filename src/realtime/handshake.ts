import { readKey, refuseOrigin } from "@/realtime/caller.ts";
import { refuse } from "@/realtime/refusal.ts";
import type { SessionRequestInput } from "@/realtime/session_request.ts";
import { pickProtocol, readOffer } from "@/realtime/subprotocol.ts";
import type { WireOptions } from "@/realtime/client_writer.ts";

/** What a client asked for when it connected, and who it is. */
export interface Handshake extends WireOptions {
  /** Whom the credential belongs to. */
  readonly subject: string;
  /** Echoed, never refused. */
  readonly model: string | undefined;
  /** Id of the session to go on with. */
  readonly resume: string | undefined;
  /** `?intent=transcription`: a session that only listens. */
  readonly type: "realtime" | "transcription";
  /** What the key was made with; a new session begins with it. */
  readonly session: SessionRequestInput | undefined;
  /** Answer to the subprotocols that were offered; none if none was. */
  readonly protocol: string | undefined;
}

/** Who calls, as the credential tells. */
export interface Caller {
  /** Whom the credential belongs to. */
  readonly subject: string;
  /** What the key was made with, if it is one that begins certain sessions. */
  readonly session?: SessionRequestInput;
}

/** Who may connect. */
export interface HandshakePolicy {
  /**
   * Says who shows a credential, or answers who may not connect.
   *
   * @param credential As the client sent it; `undefined` if it sent none.
   */
  identify(credential: string | undefined): Promise<Caller | Response> | Caller | Response;
  /** Origins of other sites whose pages may connect; `"*"` for all. The server's own pages always may. */
  readonly corsOrigins: readonly string[] | "*";
}

/** The only one there is (RFC 6455, section 4.2.1). */
const WEBSOCKET_VERSION = "13";

/**
 * Reads the request for a realtime connection (section 1 of the protocol) and decides on it. Whether a
 * credential is right is said to plain requests too: a browser cannot see the status of an upgrade that failed, and asks again.
 *
 * @returns what was asked for, or the response that refuses it
 */
export async function readHandshake(
  request: Request,
  policy: HandshakePolicy,
): Promise<Handshake | Response> {
  const { headers } = request;
  const query = new URL(request.url).searchParams;
  const offer = readOffer(headers.get("sec-websocket-protocol"));

  const refused = refuseOrigin(request, policy.corsOrigins);
  if (refused !== undefined) return refused;
  const caller = await policy.identify(readKey(headers) ?? offer.key);
  if (caller instanceof Response) return caller;
  if (!asksForWebSocket(request)) {
    return refuse(426, {
      code: "upgrade_required",
      message: "This endpoint speaks WebSocket: connect to it with a WebSocket client.",
      headers: {
        upgrade: "websocket",
        connection: "Upgrade",
        "sec-websocket-version": WEBSOCKET_VERSION,
      },
    });
  }
  if (query.has("call_id")) {
    return refuse(404, {
      code: "call_not_found",
      message: "There is no such call: this server takes no SIP or WebRTC calls.",
      param: "call_id",
    });
  }
  const beta = offer.beta || headers.get("openai-beta")?.includes("realtime=v1");
  const { subject, session } = caller;
  return {
    subject,
    session,
    dialect: beta ? "beta" : "ga",
    model: query.get("model") || undefined,
    resume: query.get("session") || undefined,
    type: query.get("intent") === "transcription" ? "transcription" : "realtime",
    protocol: pickProtocol(offer),
    binaryAudio: query.get("audio") === "binary",
    partials: query.get("partials") === "1",
    metrics: query.get("metrics") === "1",
  };
}

/** Whether a request asks to become a WebSocket. */
export function asksForWebSocket({ method, headers }: Request): boolean {
  return method === "GET" &&
    headers.get("upgrade")?.toLowerCase() === "websocket" &&
    /(^|,)\s*upgrade\s*(,|$)/i.test(headers.get("connection") ?? "") &&
    headers.has("sec-websocket-key") &&
    headers.get("sec-websocket-version") === WEBSOCKET_VERSION;
}
