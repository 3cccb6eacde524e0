import { AsyncLocalStorage } from "node:async_hooks";
import { getLogger } from "@logtape/logtape";
import { tap } from "rxjs";
import { createAudioMemory } from "@/conversation/audio_memory.ts";
import { createAnswering } from "@/conversation/answering.ts";
import type { Client, SessionView } from "@/conversation/client.ts";
import type { Engines, SessionContext } from "@/conversation/context.ts";
import { watchEnds } from "@/conversation/ends_of_session.ts";
import { createFacts, type Facts } from "@/conversation/facts_stream.ts";
import { createHearing, type Hearing } from "@/conversation/hearing.ts";
import { createHistory } from "@/conversation/history.ts";
import { createIdleTimeout } from "@/conversation/idle_timeout.ts";
import { newId } from "@/conversation/ids.ts";
import { assertStorable } from "@/conversation/kv_parts.ts";
import { createMicrophone, type Microphone } from "@/conversation/microphone.ts";
import { onAbort } from "@/conversation/on_abort.ts";
import type { Session, SessionEnd } from "@/conversation/session.ts";
import type { SessionRecord, SessionStore } from "@/conversation/session_store.ts";
import { defaultSettings, type SessionSettings } from "@/conversation/settings.ts";
import { createSessionMemory } from "@/conversation/session_memory.ts";
import { detectionOf } from "@/conversation/voice_detection.ts";
import { storeInsertion } from "@/conversation/store_insertion.ts";
import { createTranscripts, type Transcripts } from "@/conversation/transcripts.ts";
import { type AdmitTurn, tellLimits, tooManyTurns } from "@/conversation/turn_limit.ts";
import { turnMetrics } from "@/conversation/turn_ledger.ts";
import { InvalidRequest } from "@/errors.ts";
import { withLogContext } from "@/telemetry/logging.ts";
import { detectUtterances } from "@/pipeline/detect_utterances.ts";

const logger = getLogger(["chatai", "session"]);

/** What sessions need of the server, and what the operator decides for all of them. */
export interface SessionOptions {
  readonly engines: Engines;
  readonly store: SessionStore;
  readonly voice: string;
  readonly instructions: string;
  /** BCP 47 tag. */
  readonly language: string;
  /** Minutes until a session ends by itself. */
  readonly maxMinutes: number;
  /** Seconds in which nobody says anything until a session ends; never without it. */
  readonly idleSeconds?: number | undefined;
  /** Counts the turns of this session's caller; they are not limited without it. */
  readonly admitTurn?: AdmitTurn | undefined;
  /** Aborts when the server stops; the session then ends as `shutdown`, once what is being said has been. */
  readonly stopping?: AbortSignal;
  /** Attaches the server's own observers, e.g. metrics. */
  readonly observe?: (facts: Facts, session: ObservedSession) => void;
  /** ms. @default {performance.now} */
  readonly now?: () => number;
}

/** What an observer knows of the session whose facts it sees. */
export type ObservedSession = Pick<SessionView, "id" | "conversationId">;

/** Who opens a session, and which. */
export interface SessionRequest {
  /** Whatever the client calls the model; echoed. */
  readonly model: string;
  /** Who asks; only the same may resume. */
  readonly owner: string;
  /** Id of the session to go on with. An unknown one begins a new session. */
  readonly resume?: string | undefined;
  readonly type?: SessionSettings["type"];
  /** What a new session begins with, made of the defaults. */
  readonly configure?: ((defaults: SessionSettings) => SessionSettings) | undefined;
}

/** Opens a session, new or resumed, and tells the client. It ends when it is disposed of, or as {@linkcode SessionEnd} says. */
export async function openSession(
  client: Client,
  { model, owner, resume, type, configure = (settings) => settings, ...options }:
    & SessionRequest
    & SessionOptions,
): Promise<Session> {
  const { store } = options;
  const resumed = resume === undefined ? undefined : await store.resume(resume, owner);
  const record = resumed ?? await store.create({
    id: newId("sess"),
    conversationId: newId("conv"),
    owner,
    settings: configure(defaultSettings({ type, model, ...options })),
  });
  return withLogContext(
    { sessionId: record.session.id },
    () => startSession(client, record, { ...options, resumed: resumed !== undefined }),
  );
}

function startSession(
  client: Client,
  record: SessionRecord,
  { resumed, ...options }: SessionOptions & { readonly resumed: boolean },
): Session {
  const { engines, language, now = () => performance.now() } = options;
  const { session } = record;
  const expiresAt = Math.floor(Date.now() / 1000) + options.maxMinutes * 60;
  let settings = session.settings;

  const life = new AbortController();
  const end = (reason: SessionEnd) => life.abort(reason);

  const facts = createFacts({ now });
  options.observe?.(facts, session);
  facts.observe(
    "turn metrics",
    (stream) => turnMetrics(stream).pipe(tap((metrics) => client.turnMetrics(metrics))),
  );

  const memory = createSessionMemory(record);
  const context: SessionContext = {
    conversationId: session.conversationId,
    language,
    engines,
    client,
    history: createHistory(record.items),
    audio: createAudioMemory(),
    facts,
    idle: createIdleTimeout({
      settings: () => settings,
      writtenMs: () => microphone.writtenMs(),
      now,
      onTimeout: (silence) => hearing.timeOut(silence),
    }),
    playouts: new Map(),
    admitTurn: options.admitTurn,
    now,
    signal: life.signal,
    settings: () => settings,
    remember: (entry) => memory.write(() => record.put(entry)),
    transcriptsSettled: () => transcripts.settled(),
  };
  const { history } = context;
  const answering = createAnswering(context);
  const transcripts: Transcripts = createTranscripts(context);
  const hearing: Hearing = createHearing(context, { answering, transcripts });
  const detector = detectUtterances(engines.vad, {
    signal: life.signal,
    detection: () => detectionOf(settings),
    endOfTurn: hearing.endOfTurn,
    newId: () => newId("item"),
    onError: (error) => logger.error("Cannot tell speech from silence: {error}", { error }),
  });
  const microphone: Microphone = createMicrophone({ sink: detector.writable, now });
  const listening = hearing.listen(detector.readable).catch((error: unknown) => {
    if (life.signal.aborted) return;
    logger.error("The session went deaf: {error}", { error });
    end("failed");
  });

  const view = (): SessionView => ({
    id: session.id,
    conversationId: session.conversationId,
    settings,
    expiresAt,
  });
  client.sessionCreated(view(), resumed ? history.items() : undefined);
  logger.info("Session {how}", { how: resumed ? "resumed" : "opened" });

  async function close(): Promise<void> {
    context.idle[Symbol.dispose]();
    microphone[Symbol.dispose]();
    await answering.close();
    await listening;
    await transcripts.settled();
    await memory.settled();
    await record.release().catch((error) =>
      logger.error("Cannot release the session: {error}", { error })
    );
    facts.emit({ kind: "sessionEnded", reason: String(life.signal.reason) });
    facts.complete();
    logger.info("Session ended: {reason}", { reason: life.signal.reason });
  }

  /** Nobody speaks, and nobody is answered. */
  async function quiet(): Promise<void> {
    await context.idle.quiet();
    await answering.settled();
  }

  let closed: Promise<void> | undefined;
  const closeAsSession = AsyncLocalStorage.bind(close); // whoever ends it may be no part of it, and its lines are
  onAbort(life.signal, () => closed = closeAsSession());
  const { maxMinutes, idleSeconds, stopping } = options;
  const { lost } = record;
  watchEnds(end, { maxMinutes, idleSeconds, lost, stopping, quiet, facts, signal: life.signal });

  return {
    view,
    signal: life.signal,

    async update(next) {
      assertStorable(next, "session");
      settings = next;
      context.idle.reconsider();
      client.sessionUpdated(view());
      await memory.write(() => record.saveSettings(next));
    },

    append(audio) {
      microphone.append(audio, settings.audio.input);
    },

    async commit() {
      const utteranceId = await microphone.commit();
      if (life.signal.aborted) return;
      if (utteranceId === undefined) {
        throw new InvalidRequest(
          "Cannot commit the input audio buffer: it holds less than 100 ms of audio",
          { code: "input_audio_buffer_commit_empty" },
        );
      }
      await hearing.itemJoined(utteranceId);
    },

    async clear() {
      await microphone.clear();
      client.cleared();
    },

    async createItem(item, previousItemId, audio) {
      assertStorable(item, "item");
      history.assertRoom(item);
      const insertion = history.insert(item, previousItemId);
      client.itemAdded(item, insertion.previousItemId);
      if (audio !== undefined) transcripts.writeRecording(item.id, audio);
      await memory.write(() => storeInsertion(record, insertion));
    },

    retrieveItem(itemId) {
      const item = history.get(itemId);
      if (item === undefined) {
        throw new InvalidRequest(`There is no item "${itemId}"`, {
          code: "item_retrieve_invalid_item_id",
          param: "item_id",
        });
      }
      client.itemRetrieved(item, context.audio.read(itemId));
    },

    async deleteItem(itemId) {
      const { rank } = history.remove(itemId);
      context.playouts.delete(itemId);
      context.audio.forget(itemId);
      client.itemDeleted(itemId);
      await memory.write(() => record.remove(rank));
    },

    truncateItem: answering.truncate,

    async createResponse(overrides) {
      if (settings.type === "transcription") {
        throw new InvalidRequest("A transcription session has no responses", {
          code: "invalid_value",
          param: "type",
        });
      }
      answering.check({ overrides }); // what is refused costs nothing
      const verdict = options.admitTurn && await options.admitTurn(0);
      if (verdict?.allowed === false) {
        throw new InvalidRequest(tooManyTurns(verdict), { code: "rate_limit_exceeded" });
      }
      answering.request({ overrides });
      tellLimits(client, verdict);
    },

    cancelResponse: answering.cancel,

    async [Symbol.asyncDispose]() {
      end("disconnected");
      await closed;
    },
  };
}
