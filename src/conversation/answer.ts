import { abortable } from "@std/async/abortable";
import { getLogger } from "@logtape/logtape";
import { sampleRateOf } from "@/conversation/audio_format.ts";
import type { ResponseHead, ResponseOutcome, ResponseOutput } from "@/conversation/client.ts";
import type { SessionContext } from "@/conversation/context.ts";
import { explain } from "@/conversation/explain.ts";
import { newId } from "@/conversation/ids.ts";
import type { MessageItem } from "@/conversation/item.ts";
import { createReplyMessage } from "@/conversation/reply_message.ts";
import type { ResponseOverrides } from "@/conversation/overrides.ts";
import { buildPrompt } from "@/conversation/prompt.ts";
import type { EngineSwitch } from "@/engines/engine.ts";
import type { Prompt, ReplyEnd, ReplyPart, ToolCall } from "@/engines/llm/engine.ts";
import type { EngineError } from "@/errors.ts";
import { ObserveStream } from "@/pipeline/observe_stream.ts";
import { createPlayout, type Playout } from "@/pipeline/playout.ts";
import { reply } from "@/pipeline/reply.ts";
import { SentenceStream } from "@/pipeline/sentence_stream.ts";
import { withLogContext } from "@/telemetry/logging.ts";
import { createSpeaker } from "@/pipeline/speaker.ts";
import { type SynthesisProgress, synthesize } from "@/pipeline/synthesize.ts";

const logger = getLogger(["chatai", "answer"]);

/** What to answer. */
export interface AnswerRequest {
  readonly overrides: ResponseOverrides;
  /** The user's item that it answers; absent where a client asked for it. */
  readonly itemId?: string;
  /** There is nothing to answer because hearing failed: the response says so and ends. */
  readonly failure?: EngineError;
}

/** A response on its way. */
export interface Answer {
  readonly responseId: string;
  readonly playout: Playout;
  /** Its assistant message, once it has one. */
  messageId(): string | undefined;
  /** True from its `response.done` on. */
  ended(): boolean;
  /** Ends it at once: work is aborted, what is queued is dropped, `response.done` is out. */
  cancel(reason: "turn_detected" | "client_cancelled"): void;
  /** The client says what was heard of its message; stands in place of the server's estimate. */
  truncate(heard: string): void;
  /** Settles when nothing of it runs any more. Never rejects. */
  readonly settled: Promise<void>;
}

/**
 * Answers: the pipe chain *is* the architecture diagram. Lives on its own signal, which a barge-in aborts; what
 * it writes goes through its own speaker and its own response output.
 */
export function answer(context: SessionContext, request: AnswerRequest): Answer {
  const { client, engines, history, facts, now } = context;
  const { overrides } = request;
  const settings = context.settings();
  const outOfBand = overrides.conversation === "none";
  const head = headOf(context, request);
  const sampleRate = sampleRateOf(head.format);
  const controller = new AbortController();
  const { signal } = controller;
  const before = outOfBand ? undefined : [...context.playouts.values()].at(-1);
  const playout = createPlayout({ sampleRate, now, ...(before && { after: before.endsAt() }) });
  let spoke = false;
  let end: ReplyEnd = { kind: "end", reason: "stop" };
  let over = false;

  const output: ResponseOutput = client.openResponse(head);
  const message = createReplyMessage(context, { head, output, playout, join });
  facts.emit({
    kind: "responseStarted",
    responseId: head.id,
    ...(request.itemId !== undefined && { itemId: request.itemId }),
  });

  function onSwitch(change: EngineSwitch): void {
    facts.emit({ kind: "engineSwitched", responseId: head.id, ...change });
  }

  function onProgress(progress: SynthesisProgress): void {
    const responseId = head.id;
    switch (progress.kind) {
      case "asked":
        return facts.emit({ ...progress, kind: "synthesisStarted", responseId });
      case "made":
        return facts.emit({ ...progress, kind: "speechMade", responseId });
      case "failed":
        return facts.emit({ ...progress, kind: "synthesisFailed", responseId });
    }
  }

  function join(item: MessageItem | ReturnType<typeof callItem>): string | null {
    return outOfBand ? null : history.insert(item, undefined).previousItemId;
  }

  function call(toolCall: ToolCall): void {
    if (over) return;
    message.close("completed");
    const item = callItem(toolCall);
    const previousItemId = join(item);
    output.call(item, previousItemId);
    if (!outOfBand) void context.remember(history.replace(item));
  }

  function finish(outcome: ResponseOutcome, error?: unknown): void {
    if (over) return;
    over = true;
    controller.abort();
    message.close(outcome.status);
    if (outcome.status === "cancelled" || message.truncated()) playout.stop();
    output.end(outcome, end.usage);
    facts.emit({
      kind: "responseEnded",
      responseId: head.id,
      status: outcome.status,
      ...(error !== undefined && { error }),
    });
  }

  const speaker = createSpeaker({
    playout,
    signal,
    room: () => output.room(),
    chunk(chunk) {
      if (chunk.samples.length > 0) {
        message.audio(chunk.samples);
        if (!spoke) facts.emit({ kind: "firstAudioSent", responseId: head.id });
        spoke = true;
      }
      if (chunk.last) {
        facts.emit({ kind: "sentenceSpoken", responseId: head.id, text: chunk.sentence.text });
      }
    },
    call,
    end(part) {
      end = part;
    },
  });

  function observe(part: ReplyPart): void {
    if (part.kind === "text" && !over) message.write(part.text);
    if (part.kind === "toolCall") speaker.hurry();
    if (part.kind === "end" && !over) {
      const { reason, usage } = part;
      facts.emit({ kind: "modelDone", responseId: head.id, reason, ...usage });
    }
  }

  /** Speaks the reply: text, sentences, speech, each as soon as it is there. */
  function speak(parts: ReadableStream<ReplyPart>): Promise<void> {
    return parts
      .pipeThrough(new SentenceStream())
      .pipeThrough(synthesize(engines.tts, {
        signal,
        onSwitch,
        onProgress,
        sampleRate,
        voice: head.voice,
        speed: settings.audio.output.speed,
        language: context.language,
      }))
      .pipeTo(speaker.writable, { signal, preventAbort: true });
  }

  /** Leaves the reply in writing. */
  function print(parts: ReadableStream<ReplyPart>): Promise<void> {
    const page = new WritableStream<ReplyPart>({
      write(part) {
        if (part.kind === "toolCall") call(part);
        if (part.kind === "end") end = part;
      },
    });
    return parts.pipeTo(page, { signal });
  }

  async function run(): Promise<void> {
    if (request.failure !== undefined) throw request.failure;
    await abortable(context.transcriptsSettled(), signal);
    const prompt = buildPrompt({ items: history.items(), settings, overrides });
    facts.emit({ kind: "modelAsked", responseId: head.id });
    const parts = ReadableStream.from<Prompt>([prompt])
      .pipeThrough(reply(engines.llm, { signal, onSwitch }))
      .pipeThrough(new ObserveStream(observe));
    await (head.modality === "audio" ? speak(parts) : print(parts));
    finish(outcomeOf(end));
  }

  const settled = withLogContext(
    { responseId: head.id, itemId: request.itemId },
    () =>
      run().catch((error: unknown) => {
        if (signal.aborted) return;
        logger.error("The response failed: {error}", { error });
        finish({ status: "failed", error: explain(error) }, error);
      }),
  );

  return {
    responseId: head.id,
    playout,
    messageId: message.id,
    ended: () => over,
    cancel: (reason) => finish({ status: "cancelled", reason }),
    truncate: message.truncate,
    settled,
  };
}

function headOf(context: SessionContext, { overrides }: AnswerRequest): ResponseHead {
  const settings = context.settings();
  const { output } = settings.audio;
  return {
    id: newId("resp"),
    conversationId: overrides.conversation === "none" ? null : context.conversationId,
    modality: (overrides.output_modalities ?? settings.output_modalities)[0],
    maxOutputTokens: overrides.max_output_tokens ?? settings.max_output_tokens,
    temperature: overrides.temperature ?? settings.temperature,
    metadata: overrides.metadata ?? null,
    format: overrides.audio?.output.format ?? output.format,
    voice: overrides.audio?.output.voice ?? output.voice,
  };
}

function callItem({ callId, name, arguments: args }: ToolCall) {
  return {
    id: newId("item"),
    object: "realtime.item" as const,
    type: "function_call" as const,
    status: "completed" as const,
    call_id: callId,
    name,
    arguments: args,
  };
}

function outcomeOf({ reason }: ReplyEnd): ResponseOutcome {
  switch (reason) {
    case "stop":
      return { status: "completed" };
    case "length":
      return { status: "incomplete", reason: "max_output_tokens" };
    case "filter":
      return { status: "incomplete", reason: "content_filter" };
  }
}
