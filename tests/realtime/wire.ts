import type { ResponseHead, SessionView } from "@/conversation/client.ts";
import type { Item } from "@/conversation/item.ts";
import { userSpeech } from "@/conversation/user_speech.ts";
import { defaultSettings } from "@/conversation/settings.ts";
import type { WireOptions } from "@/realtime/client_writer.ts";
import { createOutbound, type Outbound, type OutboundSocket } from "@/realtime/outbound.ts";

/** How a client that asks for nothing special is spoken to. */
export const PLAIN: WireOptions = {
  dialect: "ga",
  binaryAudio: false,
  partials: false,
  metrics: false,
};

/** A socket whose peer reads when the test says so. */
export class FakeSocket implements OutboundSocket {
  readyState = 1;
  bufferedAmount = 0;
  readonly sent: (string | Uint8Array)[] = [];
  closed: { code: number | undefined; reason: string | undefined } | undefined;

  send(frame: string | Uint8Array<ArrayBuffer>): void {
    this.sent.push(frame);
  }

  close(code?: number, reason?: string): void {
    this.closed = { code, reason };
    this.readyState = 2;
  }

  /** What was sent: events parsed, binary frames as they are. */
  get frames(): unknown[] {
    return this.sent.map((frame) => typeof frame === "string" ? JSON.parse(frame) : frame);
  }

  /** The types of the events; `"binary"` for other frames. */
  get types(): string[] {
    return this.sent.map((frame) => typeof frame === "string" ? JSON.parse(frame).type : "binary");
  }
}

/** Something that a user said, which nobody has written down unless the test does. */
export function userItem(id: string, transcript: string | null = null): Item {
  return userSpeech(id, transcript);
}

/** A queue before a socket that takes everything at once. */
export function openWire(): { socket: FakeSocket; outbound: Outbound } {
  const socket = new FakeSocket();
  const onOverflow = () => {
    throw new Error("overflow");
  };
  return { socket, outbound: createOutbound(socket, { onOverflow }) };
}

/** A response that begins, spoken and in the conversation unless told otherwise. */
export function responseHead(head: Partial<ResponseHead> = {}): ResponseHead {
  return {
    id: "resp_1",
    conversationId: "conv_1",
    modality: "audio",
    maxOutputTokens: "inf",
    metadata: null,
    format: { type: "audio/pcm", rate: 24000 },
    voice: "slt",
    ...head,
  };
}

/** A session whose client has said nothing yet. */
export function sessionView(): SessionView {
  return {
    id: "sess_1",
    conversationId: "conv_1",
    settings: defaultSettings({ model: "any", instructions: "Be kind.", voice: "slt" }),
    expiresAt: 1_800_000_000.5,
  };
}
