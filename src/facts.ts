/**
 * What happens in a session, told to whoever watches: metrics, logs, limits. Facts only observe. They carry
 * no audio, and `at` is always ms on the session's clock (`performance.now()` unless a test brings its own).
 */
export type SessionFact =
  & { readonly at: number }
  & (
    | { readonly kind: "speechStarted"; readonly itemId: string }
    /** `lastSpeechAt`: when the last sample of speech arrived. */
    | { readonly kind: "turnEnded"; readonly itemId: string; readonly lastSpeechAt: number }
    | { readonly kind: "transcribed"; readonly itemId: string; readonly text: string }
    | { readonly kind: "transcriptionFailed"; readonly itemId: string; readonly error: unknown }
    /** `itemId`: the spoken turn it answers; absent where a client asked for it. */
    | { readonly kind: "responseStarted"; readonly responseId: string; readonly itemId?: string }
    /** Nobody answers it: it has no words, the user goes on talking, or the client asks for answers itself. */
    | { readonly kind: "turnUnanswered"; readonly itemId: string }
    /** The model has its prompt. */
    | { readonly kind: "modelAsked"; readonly responseId: string }
    | { readonly kind: "firstToken"; readonly responseId: string }
    /** The model has said all. Tokens are absent where the engine does not count them. */
    | {
      readonly kind: "modelDone";
      readonly responseId: string;
      readonly reason: "stop" | "length" | "filter";
      readonly inputTokens?: number;
      readonly outputTokens?: number;
    }
    /** `sentence` counts from 0 within the response. */
    | {
      readonly kind: "synthesisStarted";
      readonly responseId: string;
      readonly sentence: number;
      readonly characters: number;
    }
    /** The synthesiser has made a piece of the sentence that began last; ms of audio. */
    | { readonly kind: "speechMade"; readonly responseId: string; readonly audioMs: number }
    | { readonly kind: "synthesisFailed"; readonly responseId: string; readonly error: unknown }
    /** The response's first audio was handed to the wire. */
    | { readonly kind: "firstAudioSent"; readonly responseId: string }
    | { readonly kind: "sentenceSpoken"; readonly responseId: string; readonly text: string }
    | { readonly kind: "bargeIn"; readonly responseId: string; readonly itemId: string }
    | {
      readonly kind: "responseEnded";
      readonly responseId: string;
      readonly status: "completed" | "cancelled" | "incomplete" | "failed";
      readonly error?: unknown;
    }
    | {
      readonly kind: "engineSwitched";
      /** What it worked for: an answer, or else an utterance. */
      readonly responseId?: string;
      readonly itemId?: string;
      readonly from: string;
      readonly to: string;
      readonly error: unknown;
    }
    | { readonly kind: "sessionEnded"; readonly reason: string }
  );

/** A fact without its time; the session stamps it. */
export type NewFact = SessionFact extends infer Fact
  ? Fact extends SessionFact ? Omit<Fact, "at"> : never
  : never;
