import type { AudioMemory } from "@/conversation/audio_memory.ts";
import type { Client } from "@/conversation/client.ts";
import type { Facts } from "@/conversation/facts_stream.ts";
import type { History } from "@/conversation/history.ts";
import type { IdleTimeout } from "@/conversation/idle_timeout.ts";
import type { RankedItem } from "@/conversation/session_store.ts";
import type { SessionSettings } from "@/conversation/settings.ts";
import type { AdmitTurn } from "@/conversation/turn_limit.ts";
import type { SpeechRecogniser } from "@/engines/asr/engine.ts";
import type { LanguageModel } from "@/engines/llm/engine.ts";
import type { SpeechSynthesiser } from "@/engines/tts/engine.ts";
import type { VoiceActivityDetector } from "@/engines/vad/engine.ts";
import type { Playout } from "@/pipeline/playout.ts";

/** One engine of each kind: all that it takes to talk. Shared by all sessions. */
export interface Engines {
  readonly vad: VoiceActivityDetector;
  readonly asr: SpeechRecogniser;
  readonly llm: LanguageModel;
  readonly tts: SpeechSynthesiser;
}

/** What the parts of one session share. */
export interface SessionContext {
  readonly conversationId: string;
  /** BCP 47 tag of the conversation. */
  readonly language: string;
  readonly engines: Engines;
  readonly client: Client;
  readonly history: History;
  /** What can be retrieved of the items' audio. */
  readonly audio: AudioMemory;
  readonly facts: Facts;
  /** Is held while somebody speaks. */
  readonly idle: IdleTimeout;
  /** When and what was spoken, by assistant item, for as long as the session lives here. */
  readonly playouts: Map<string, Playout>;
  /** Counts turns; absent where they are not limited. */
  readonly admitTurn: AdmitTurn | undefined;
  /** ms. */
  readonly now: () => number;
  /** The session's own: whatever serves hearing ends with it. */
  readonly signal: AbortSignal;
  /** As they are now. */
  settings(): SessionSettings;
  /**
   * Stores an item. Writes of one session keep their order. A store that fails is logged, and the conversation
   * goes on from memory.
   */
  remember(entry: RankedItem): Promise<void>;
  /** Settles when every turn that has ended has its transcript, or has failed to get one. */
  transcriptsSettled(): Promise<void>;
}
