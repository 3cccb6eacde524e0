import { type Connection, createReconnectingSocket } from "@/web/connection.ts";
import {
  type ConversationView,
  EMPTY_VIEW,
  type LocalEvent,
  viewEvent,
} from "@/web/conversation_view.ts";
import { type ClientEvent, parseServerEvent, type ServerEvent } from "@/web/events.ts";
import { BYTES_PER_MS, type Player } from "@/web/player.ts";
import { ReplyAudio } from "@/web/reply_audio.ts";

/** What a {@linkcode VoiceClient} needs. */
export interface VoiceClientOptions {
  /** The endpoint, e.g. `"wss://talk.example/v1/realtime"`; may carry a query. */
  readonly url: string;
  /** Plays the replies. */
  readonly player: Player;
  /** The key, where the server asks for one. */
  readonly apiKey?: string | undefined;
  /** The session to go on with. */
  readonly sessionId?: string | undefined;
  /**
   * How the server finds the end of a turn: by silence alone, or sooner after a finished sentence and later
   * after an unfinished one.
   *
   * @default {"semantic_vad"}
   */
  readonly turnDetection?: "server_vad" | "semantic_vad";
  /**
   * Spreads reconnections; 0 up to, not including, 1.
   *
   * @default {Math.random}
   */
  readonly random?: () => number;
}

/** A conversation and its connection. Immutable; every change makes a new one. */
export interface VoiceState {
  /** Where the connection stands. */
  readonly connection: Connection;
  /** The session on the server, once there is one. Keep it to go on after a reload. */
  readonly sessionId: string | undefined;
  /** What a page shows. */
  readonly conversation: ConversationView;
}

/**
 * A spoken conversation with a ChatAI server. `getState` and `subscribe` have the shape that React's
 * `useSyncExternalStore` takes; all functions may be passed around without their object.
 */
export interface VoiceClient {
  /** The latest state; the same object until something changes. */
  getState(): VoiceState;
  /** Calls back after every change. Returns what ends that. */
  subscribe(listener: (state: VoiceState) => void): () => void;
  /** Connects, or tries again at once. After a loss it reconnects by itself and resumes the session. */
  connect(): void;
  /** Hangs up. A later `connect` resumes the session. */
  close(): void;
  /**
   * Sends what the microphone hears: 16-bit little-endian mono PCM at 24 kHz, chunks of any size, silence too.
   * Dropped while offline, and where the network lags by seconds.
   */
  sendAudio(pcm: Uint8Array<ArrayBuffer>): void;
  /**
   * Sends a typed turn and asks for the reply, which is spoken. A reply that is being spoken ends first. While
   * there is no connection it waits for one.
   */
  sendText(text: string): Promise<void>;
  /** Ends the reply that is being made or played, and tells the server how much of it was heard. */
  interrupt(): Promise<void>;
}

/** Microphone audio that may wait for the network, in ms; more is stale when it arrives. */
const MAX_LAG_MS = 5000;

/** Makes a client. It does nothing until `connect`. */
export function createVoiceClient(options: VoiceClientOptions): VoiceClient {
  const { url, player, apiKey, turnDetection = "semantic_vad", random = Math.random } = options;
  const listeners = new Set<(state: VoiceState) => void>();
  const audio = new ReplyAudio();
  let state: VoiceState = {
    connection: { status: "offline" },
    sessionId: options.sessionId,
    conversation: EMPTY_VIEW,
  };
  /** A typed turn waits for the response before it to end: two cannot run at once. */
  let askWhenDone = false;
  let unsent: string[] = [];

  const socket = createReconnectingSocket({
    url: () => sessionUrl(url, state.sessionId),
    apiKey,
    random,
    onOpen() {
      send({
        type: "session.update",
        session: {
          type: "realtime",
          audio: { input: { transcription: {}, turn_detection: { type: turnDetection } } },
        },
      });
    },
    onText(frame) {
      const event = parseServerEvent(frame);
      if (event !== undefined) receive(event);
    },
    onBinary(frame) {
      const itemId = audio.accept(frame);
      if (itemId === undefined) return;
      player.play(itemId, frame);
      show({ type: "local.playing" });
    },
    onChange(connection) {
      if (connection.status !== "online" && state.connection.status === "online") {
        askWhenDone = false;
        audio.disconnected();
        show({ type: "local.disconnected" });
      }
      change({ ...state, connection });
    },
  });

  player.onDrained(() => {
    audio.drained();
    show({ type: "local.silent" });
  });

  function change(next: VoiceState): void {
    state = next;
    for (const listener of listeners) listener(state);
  }

  function show(event: ServerEvent | LocalEvent): void {
    const conversation = viewEvent(state.conversation, event);
    if (conversation !== state.conversation) change({ ...state, conversation });
  }

  function send(event: ClientEvent): void {
    socket.send(JSON.stringify(event));
  }

  function receive(event: ServerEvent): void {
    const { responseId } = state.conversation;
    switch (event.type) {
      case "session.created":
        state = { ...state, sessionId: event.session.id };
        for (const text of unsent) ask(text);
        unsent = [];
        break;
      case "input_audio_buffer.speech_started":
        void fallSilent();
        break;
      case "response.content_part.added":
        if (event.response_id === responseId && event.part.type === "audio") {
          audio.begin(event.item_id, event.response_id);
        }
        break;
      case "response.output_audio.done":
        audio.end(event.item_id);
        break;
    }
    show(event);
    if (event.type === "response.done" && event.response.id === responseId) {
      replyEnded(event.response);
    }
  }

  function replyEnded(response: (ServerEvent & { type: "response.done" })["response"]): void {
    if (response.status === "cancelled") {
      // Words may be on the screen of which no sound had come: ask what counts as said.
      for (const item of response.output) {
        if (item.type === "message") retrieve(item.id);
      }
    }
    if (!askWhenDone) return;
    askWhenDone = false;
    send({ type: "response.create" });
  }

  async function fallSilent(): Promise<void> {
    const cutAt = audio.interrupt(state.conversation.responseId);
    const clearing = player.clear();
    show({ type: "local.silent" });
    for (const { itemId, audioEndMs } of cutAt(await clearing)) {
      send({
        type: "conversation.item.truncate",
        item_id: itemId,
        content_index: 0,
        audio_end_ms: audioEndMs,
      });
      retrieve(itemId);
    }
  }

  function retrieve(itemId: string): void {
    send({ type: "conversation.item.retrieve", item_id: itemId });
  }

  async function interrupt(): Promise<void> {
    const { responseId } = state.conversation;
    if (responseId !== undefined) send({ type: "response.cancel", response_id: responseId });
    await fallSilent();
  }

  function ask(text: string): void {
    send({
      type: "conversation.item.create",
      item: { type: "message", role: "user", content: [{ type: "input_text", text }] },
    });
    show({ type: "local.asked" });
    if (state.conversation.responseId === undefined) send({ type: "response.create" });
    else askWhenDone = true;
  }

  return {
    getState: () => state,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    connect: socket.open,
    close: socket.close,
    sendAudio(pcm) {
      if (socket.bufferedAmount <= MAX_LAG_MS * BYTES_PER_MS) socket.send(pcm);
    },
    async sendText(text) {
      await interrupt();
      if (state.connection.status === "online") ask(text);
      else unsent.push(text);
    },
    interrupt,
  };
}

/** The address of a session with everything this client builds on: binary audio, partials and timings. */
function sessionUrl(url: string, sessionId: string | undefined): string {
  const query = "audio=binary&partials=1&metrics=1" +
    (sessionId === undefined ? "" : `&session=${encodeURIComponent(sessionId)}`);
  return `${url}${url.includes("?") ? "&" : "?"}${query}`;
}
