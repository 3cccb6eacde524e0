import type { VoiceState } from "@/web/client.ts";
import type { Connection } from "@/web/connection.ts";
import type { LatencyStage } from "@/web/latency.ts";
import type { ClosedReason } from "@/web/reconnect.ts";

/** Whether the page hears the user. */
export type MicrophoneState = "off" | "opening" | "on" | "muted";

/** The stages of a turn, in the user's words. */
export const STAGE_NAMES: Readonly<Record<LatencyStage["name"], string>> = {
  endpoint: "Turn end",
  transcript: "Transcript",
  first_token: "First word",
  voice_to_voice: "First sound",
};

const CLOSED: Readonly<Record<ClosedReason, string>> = {
  taken_over: "This conversation goes on in another tab or on another device.",
  unauthorised: "The server asks for a key.",
  ended: "This session has ended.",
  refused: "The server ended the connection.",
};

/** The word for what is going on. */
export function stateWord({ connection, conversation }: VoiceState, mic: MicrophoneState): string {
  switch (connection.status) {
    case "connecting":
      return "Connecting";
    case "waiting":
      return "Reconnecting";
    case "closed":
      return "Disconnected";
    case "offline":
      return mic === "opening" ? "Waiting for the microphone" : "Ready";
    case "online":
      if (conversation.activity === "thinking") return "Thinking";
      if (conversation.activity === "speaking") return "Speaking";
      if (mic === "on") return "Listening";
      return mic === "muted" ? "Muted" : "Ready";
  }
}

/** What the banner says, and what its button does; `undefined` when all is well. */
export function bannerWords(
  connection: Connection,
): { readonly text: string; readonly action: string } | undefined {
  if (connection.status === "closed") {
    if (connection.reason === "unauthorised") return undefined; // the key field says it
    const action = connection.reason === "taken_over" ? "Continue here" : "Reconnect";
    return { text: CLOSED[connection.reason], action };
  }
  if (connection.status !== "waiting") return undefined;
  const seconds = Math.max(1, Math.round(connection.delayMs / 1000));
  const why = connection.cause === "busy" ? "The server is full" : "The server cannot be reached";
  return {
    text: `${why}. Trying again in ${seconds} s; your conversation is kept.`,
    action: "Try now",
  };
}

/** Why the microphone cannot be had, and what to do. */
export function microphoneProblem(error: unknown): string {
  switch (error instanceof DOMException ? error.name : "") {
    case "NotAllowedError":
      return "The microphone is blocked. Allow it in the browser's address bar, then press again. You can also type.";
    case "NotFoundError":
      return "No microphone was found. Plug one in and press again, or type.";
    case "NotReadableError":
      return "Another program is using the microphone. Close it and press again, or type.";
    case "SecurityError":
      return "Browsers give the microphone only to https pages and to localhost. You can still type.";
    default:
      return "The microphone could not be opened. You can still type.";
  }
}
