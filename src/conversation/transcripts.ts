import { getLogger } from "@logtape/logtape";
import { SAMPLE_RATE } from "@/audio/frame.ts";
import type { SessionContext } from "@/conversation/context.ts";
import { explain } from "@/conversation/explain.ts";
import { createMicrophone } from "@/conversation/microphone.ts";
import type { AudioFormat } from "@/conversation/settings.ts";
import { withTranscript } from "@/conversation/user_speech.ts";
import { EngineError } from "@/errors.ts";
import { detectUtterances, type Utterance } from "@/pipeline/detect_utterances.ts";
import { ObserveStream } from "@/pipeline/observe_stream.ts";
import { transcribe } from "@/pipeline/transcribe.ts";

/** How the audio of what the user said is kept: as the recogniser got it. */
const HEARD_FORMAT: AudioFormat = { type: "audio/pcm", rate: SAMPLE_RATE };

const logger = getLogger(["chatai", "hearing"]);

/** What an utterance says: its words, or why they are not known. */
export type Heard = { readonly text: string } | { readonly error: EngineError };

/** Writes down what the user says. Every item ends in a transcript or a failure. */
export interface Transcripts {
  /**
   * Writes an utterance down, and keeps its audio under its id. Never rejects.
   *
   * @param onEager Told the text made in each pause.
   */
  write(utterance: Utterance, onEager: (text: string) => void): Promise<Heard>;
  /** Enters the words into their item, and tells the client. Responses wait until then. */
  enter(itemId: string, heard: Promise<Heard>, seconds: number): Promise<void>;
  /** Writes down what is said in an item that the client recorded, in the session's input format. */
  writeRecording(itemId: string, bytes: Uint8Array<ArrayBuffer>): void;
  /** Settles when every item so far has its transcript or its failure. */
  settled(): Promise<void>;
}

/** Prepares to write down what is said in one session. */
export function createTranscripts(context: SessionContext): Transcripts {
  const { audio, client, engines, facts, history, now, signal } = context;
  const entering = new Set<Promise<void>>();

  async function write(utterance: Utterance, onEager: (text: string) => void): Promise<Heard> {
    const { transcription, format } = context.settings().audio.input;
    const record = audio.record(utterance.id, { kept: HEARD_FORMAT, wanted: format });
    try {
      let text = "";
      const transcripts = utterance.audio
        .pipeThrough(new ObserveStream(({ samples }) => record(samples)))
        .pipeThrough(transcribe(engines.asr, {
          signal,
          onSwitch: (change) =>
            facts.emit({ kind: "engineSwitched", itemId: utterance.id, ...change }),
          earliest: client.partialTranscript ? "partial" : "eager",
          language: transcription?.language ?? context.language,
          ...(transcription?.prompt !== undefined && { prompt: transcription.prompt }),
        }));
      for await (const heard of transcripts) {
        if (heard.kind === "eager") onEager(heard.text);
        if (heard.kind === "final") text = heard.text;
        else client.partialTranscript?.(utterance.id, heard.text);
      }
      return { text };
    } catch (error) {
      return { error: asEngineError(error) };
    }
  }

  function asEngineError(error: unknown): EngineError {
    if (error instanceof EngineError) return error;
    const options = { engine: engines.asr.name, failure: "crashed", cause: error } as const;
    return new EngineError("Cannot transcribe", options);
  }

  /** What the last frame was filled up with is not the user's. A recogniser that failed read not all there was. */
  function keepAudio(itemId: string, samples: number): void {
    if (audio.samplesOf(itemId) < samples) audio.forget(itemId);
    else audio.cut(itemId, samples);
  }

  async function tell(itemId: string, heard: Heard, seconds: number): Promise<void> {
    keepAudio(itemId, seconds * SAMPLE_RATE);
    const item = history.get(itemId); // the client may have deleted it meanwhile
    const stored = item && context.remember(
      history.replace("text" in heard ? withTranscript(item, heard.text) : item),
    );
    if ("text" in heard) {
      client.transcribed(itemId, heard.text, seconds);
      facts.emit({ kind: "transcribed", itemId, text: heard.text });
    } else if (!signal.aborted) {
      logger.error("Cannot transcribe item {itemId}: {error}", { itemId, error: heard.error });
      client.transcriptionFailed(itemId, explain(heard.error));
      facts.emit({ kind: "transcriptionFailed", itemId, error: heard.error });
    }
    await stored;
  }

  /** Responses wait for it. */
  async function track(entered: Promise<void>): Promise<void> {
    entering.add(entered);
    await entered.finally(() => entering.delete(entered));
  }

  /** All of a recording is one utterance; `undefined` if it is shorter than any. */
  async function utteranceOf(
    itemId: string,
    bytes: Uint8Array<ArrayBuffer>,
  ): Promise<Utterance | undefined> {
    const { readable, writable } = detectUtterances(engines.vad, {
      signal,
      detection: () => ({ mode: "manual", denoise: false }),
      endOfTurn: () => false,
      newId: () => itemId,
    });
    const utterances = readable.getReader();
    using microphone = createMicrophone({ sink: writable, now });
    microphone.append(bytes, { ...context.settings().audio.input, turn_detection: null });
    if (await microphone.commit() === undefined) return undefined;
    return (await utterances.read()).value;
  }

  async function hearRecording(itemId: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const utterance = await utteranceOf(itemId, bytes);
    if (signal.aborted) return;
    if (utterance === undefined) return await tell(itemId, { text: "" }, 0);
    const heard = await write(utterance, () => {});
    const end = await utterance.ended;
    if (end.kind === "dropped") return;
    await tell(itemId, heard, (end.endMs - utterance.startMs) / 1000);
  }

  return {
    write,
    enter: (itemId, heard, seconds) => track(heard.then((known) => tell(itemId, known, seconds))),
    writeRecording(itemId, bytes) {
      void track(
        hearRecording(itemId, bytes).catch((error) =>
          tell(itemId, { error: asEngineError(error) }, 0)
        ),
      );
    },
    async settled() {
      await Promise.allSettled(entering);
    },
  };
}
