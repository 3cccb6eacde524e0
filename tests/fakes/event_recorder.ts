import { deepStrictEqual as deepEqual } from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import type { Item } from "@/conversation/item.ts";
import type { Dialect } from "@/realtime/dialect.ts";
import { betaServerEventSchema } from "@/realtime/beta/server_events.ts";
import { type ServerEvent, serverEventSchema } from "@/realtime/server_events.ts";
import { readBetaEvent } from "./beta_events.ts";

/** What a client received: a parsed text frame, or the bytes of a binary one. */
export type ReceivedFrame = unknown | Uint8Array;

/** How strictly to hold a recording against the protocol. */
export interface CheckOptions {
  /** The recording was cut: what is still open at its end is no problem. */
  readonly cut?: boolean;
  /** In which all of it must be. @default {"ga"} */
  readonly dialect?: Dialect;
}

/**
 * Holds all that one connection received against the protocol: the fields of every event, which are those of its
 * dialect and no others, unique ids, the order
 * of its section 5, everything opened is closed, deltas add up, nothing after `response.done`.
 *
 * @throws {AssertionError} that lists every problem
 */
export function checkEvents(frames: readonly ReceivedFrame[], options: CheckOptions = {}): void {
  deepEqual(findProblems(frames, options), []);
}

/** The problems that {@linkcode checkEvents} throws. */
export function findProblems(
  frames: readonly ReceivedFrame[],
  { cut = false, dialect = "ga" }: CheckOptions = {},
): string[] {
  const check = new Check(dialect);
  for (const frame of frames) check.next(frame);
  if (!cut) check.end();
  return check.problems;
}

interface OpenItem {
  readonly id: string;
  readonly kind: "message" | "function_call";
  added: boolean;
  itemDone: boolean;
  part: "none" | "open" | "closed";
  delta: string;
  audioDone: boolean;
  text: string | undefined;
  argumentsDone: string | undefined;
}

interface OpenResponse {
  readonly outOfBand: boolean;
  readonly speaks: boolean;
  done: boolean;
  item: OpenItem | undefined;
  readonly output: Item[];
}

class Check {
  readonly problems: string[] = [];
  readonly #dialect: Dialect;
  #at = 0;
  #created = false;
  readonly #eventIds = new Set<string>();
  /** Deleted ones too: what was begun about them may still come. */
  readonly #items = new Set<string>();
  readonly #deleted = new Set<string>();
  readonly #committed = new Set<string>();
  readonly #openItems = new Set<string>();
  readonly #responses = new Map<string, OpenResponse>();
  #speaking: string | undefined;
  #timedOut: string | undefined;

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
  }

  next(frame: ReceivedFrame): void {
    this.#at++;
    if (frame instanceof Uint8Array) return this.#binary(frame);
    const { type, event_id } = frame as { type: string; event_id: string };
    const beta = this.#dialect === "beta";
    const schema = beta ? betaServerEventSchema(type) : serverEventSchema(type);
    if (schema === undefined) return this.#problem(`unknown type ${type}`);
    const result = schema.safeParse(frame);
    if (!result.success) {
      const [issue] = result.error.issues;
      return this.#problem(`${type}: ${issue?.path.join(".")}: ${issue?.message}`);
    }
    this.#expect(isDeepStrictEqual(result.data, frame), `${type} has fields of no event like it`);
    this.#expect(!this.#eventIds.has(event_id), `event_id ${event_id} is used twice`);
    this.#eventIds.add(event_id);
    if (!this.#created && type !== "error") {
      this.#expect(type === "session.created", `${type} comes before session.created`);
      this.#created = true;
    } else this.#expect(type !== "session.created", "a second session.created");
    this.#follow(beta ? readBetaEvent(result.data) : result.data as ServerEvent);
  }

  end(): void {
    for (const [id, response] of this.#responses) {
      this.#expect(response.done, `response ${id} is never done`);
    }
    for (const id of this.#openItems) this.#problem(`item ${id} is added and never done`);
  }

  #follow(event: ServerEvent): void {
    switch (event.type) {
      case "conversation.item.added":
        this.#previous(event.previous_item_id);
        this.#expect(
          !this.#items.has(event.item.id) || this.#deleted.delete(event.item.id),
          `item ${event.item.id} is added twice`,
        );
        this.#expect(this.#timedOut === undefined, "timeout_triggered without its committed");
        this.#items.add(event.item.id);
        if (this.#dialect === "ga") this.#openItems.add(event.item.id);
        this.#ofOpenItem(event.item.id, (item) => {
          this.#expect(item.part === "none", `item ${item.id} is added after its part`);
          item.added = true;
        });
        return;
      case "conversation.item.done":
        this.#expect(
          this.#openItems.delete(event.item.id),
          `item ${event.item.id} is done without being added`,
        );
        this.#ofOpenItem(event.item.id, (item) => {
          this.#closable(item, event.item);
          item.itemDone = true;
        });
        return;
      case "conversation.item.retrieved":
        return this.#known(event.item.id);
      case "conversation.item.deleted":
        this.#known(event.item_id);
        this.#expect(!this.#deleted.has(event.item_id), `item ${event.item_id} is deleted twice`);
        this.#deleted.add(event.item_id);
        return;
      case "conversation.item.truncated":
      case "conversation.item.input_audio_transcription.delta":
      case "conversation.item.input_audio_transcription.completed":
      case "conversation.item.input_audio_transcription.failed":
        return this.#known(event.item_id);
      case "input_audio_buffer.speech_started":
        this.#expect(this.#speaking === undefined, "speech_started within speech");
        this.#speaking = event.item_id;
        return;
      case "input_audio_buffer.speech_stopped":
        this.#expect(this.#speaking === event.item_id, "speech_stopped without its speech_started");
        this.#speaking = undefined;
        return;
      case "input_audio_buffer.cleared":
        this.#speaking = undefined;
        return;
      case "input_audio_buffer.timeout_triggered":
        this.#expect(this.#speaking === undefined, "timeout_triggered within speech");
        this.#expect(!this.#responding(), "timeout_triggered within a response");
        this.#expect(this.#timedOut === undefined, "timeout_triggered without its committed");
        this.#expect(
          event.audio_start_ms <= event.audio_end_ms,
          "a silence that ends before it begins",
        );
        this.#timedOut = event.item_id;
        return;
      case "input_audio_buffer.committed":
        this.#expect(
          this.#timedOut === undefined || this.#timedOut === event.item_id,
          "timeout_triggered without its committed",
        );
        this.#timedOut = undefined;
        this.#previous(event.previous_item_id);
        this.#expect(!this.#items.has(event.item_id), "committed after the item was added");
        this.#expect(!this.#committed.has(event.item_id), "committed twice");
        this.#expect(this.#speaking !== event.item_id, "committed before speech_stopped");
        this.#committed.add(event.item_id);
        return;
      case "response.created": {
        const { id, status, output, conversation_id, output_modalities } = event.response;
        this.#expect(!this.#responses.has(id), `response ${id} is created twice`);
        this.#expect(status === "in_progress" && output.length === 0, `${id} begins half done`);
        const outOfBand = conversation_id === null;
        this.#expect(
          outOfBand || !this.#responding(),
          "two responses in the conversation at once",
        );
        const speaks = output_modalities[0] === "audio";
        this.#responses.set(id, { outOfBand, speaks, done: false, item: undefined, output: [] });
        return;
      }
      case "response.done": {
        const response = this.#response(event.response.id);
        if (response === undefined) return;
        this.#expect(event.response.status !== "in_progress", "done, yet in progress");
        this.#expect(response.item === undefined, `${event.response.id} is done with an open item`);
        this.#equal(event.response.output, response.output, "the output of response.done");
        response.done = true;
        return;
      }
    }
    if ("response_id" in event && event.type !== "chatai.turn.metrics") this.#ofResponse(event);
  }

  #ofResponse(event: Extract<ServerEvent, { response_id: string; output_index: number }>): void {
    const response = this.#response(event.response_id);
    if (response === undefined) return;
    this.#expect(event.output_index === response.output.length, `${event.type}: output_index`);
    if (event.type === "response.output_item.added") {
      this.#expect(response.item === undefined, "an item is added before the last is done");
      const { item } = event;
      if (item.type === "function_call_output") return this.#problem("an output in a response");
      this.#expect(item.status === "in_progress", "an item is added that is not in progress");
      response.item = {
        id: item.id,
        kind: item.type,
        added: response.outOfBand,
        itemDone: response.outOfBand || this.#dialect === "beta",
        part: "none",
        delta: "",
        audioDone: !response.speaks,
        text: undefined,
        argumentsDone: undefined,
      };
      return;
    }
    const { item } = response;
    if (item === undefined) return this.#problem(`${event.type} without an open item`);
    this.#expect(item.added, `${event.type} before conversation.item.added`);
    if ("item_id" in event) this.#expect(event.item_id === item.id, `${event.type}: item_id`);
    switch (event.type) {
      case "response.output_item.done":
        this.#closable(item, event.item);
        this.#expect(item.itemDone, "output_item.done before conversation.item.done");
        response.output.push(event.item);
        response.item = undefined;
        return;
      case "response.content_part.added":
        this.#expect(item.part === "none", "a second content part");
        this.#equal(
          event.part,
          response.speaks ? { type: "audio", transcript: "" } : { type: "text", text: "" },
          "a new part",
        );
        item.part = "open";
        return;
      case "response.content_part.done":
        this.#expect(item.part === "open" && item.audioDone, "a part is done before what is in it");
        this.#equal(
          event.part,
          response.speaks
            ? { type: "audio", transcript: item.text }
            : { type: "text", text: item.text },
          "a finished part",
        );
        item.part = "closed";
        return;
      case "response.output_text.delta":
      case "response.output_audio_transcript.delta":
        this.#inPart(item, event.type);
        this.#expect(item.text === undefined, `${event.type} after its done`);
        item.delta += event.delta;
        return;
      case "response.output_audio.delta":
        this.#inPart(item, event.type);
        this.#expect(!item.audioDone, "audio after output_audio.done");
        return;
      case "response.output_audio.done":
        this.#inPart(item, event.type);
        this.#expect(!item.audioDone, `a second ${event.type}`);
        item.audioDone = true;
        return;
      case "response.output_text.done":
      case "response.output_audio_transcript.done":
        this.#inPart(item, event.type);
        this.#expect(item.text === undefined, `a second ${event.type}`);
        item.text = event.type === "response.output_text.done" ? event.text : event.transcript;
        this.#equal(item.text, item.delta, `${event.type}: the sum of the deltas`);
        return;
      case "response.function_call_arguments.delta":
        this.#expect(item.argumentsDone === undefined, "arguments after their done");
        item.delta += event.delta;
        return;
      case "response.function_call_arguments.done":
        this.#expect(item.argumentsDone === undefined, `a second ${event.type}`);
        this.#equal(event.arguments, item.delta, "the sum of the arguments' deltas");
        item.argumentsDone = event.arguments;
        return;
    }
  }

  #closable(open: OpenItem, item: Item): void {
    this.#expect(item.status !== "in_progress", `item ${item.id} is done, yet in progress`);
    if (open.kind === "function_call") {
      this.#expect(open.argumentsDone !== undefined, "a call is done without its arguments");
    } else this.#expect(open.part === "closed", `item ${item.id} is done with an open part`);
  }

  #binary(frame: Uint8Array): void {
    this.#expect(frame.length > 0, "an empty binary frame");
    const within = [...this.#responses.values()].some(({ outOfBand, item }) =>
      !outOfBand && item?.part === "open" && !item.audioDone
    );
    this.#expect(within, "a binary frame outside an audio part");
  }

  #inPart(item: OpenItem, type: string): void {
    this.#expect(item.part === "open", `${type} outside a part`);
  }

  /** Whether the conversation has a response that is not done. */
  #responding(): boolean {
    return [...this.#responses.values()].some((each) => !each.outOfBand && !each.done);
  }

  #response(id: string): OpenResponse | undefined {
    const response = this.#responses.get(id);
    if (response === undefined) this.#problem(`response ${id} was not created`);
    else if (response.done) this.#problem(`an event of ${id} after its response.done`);
    return response?.done ? undefined : response;
  }

  #ofOpenItem(id: string, then: (item: OpenItem) => void): void {
    for (const { item } of this.#responses.values()) if (item?.id === id) then(item);
  }

  #previous(id: string | null): void {
    if (id !== null) this.#known(id);
  }

  #known(id: string): void {
    this.#expect(this.#items.has(id), `item ${id} is not known`);
  }

  #equal(actual: unknown, expected: unknown, what: string): void {
    const [a, b] = [JSON.stringify(actual), JSON.stringify(expected)];
    this.#expect(a === b, `${what}: ${a} instead of ${b}`);
  }

  #expect(holds: boolean, problem: string): void {
    if (!holds) this.#problem(problem);
  }

  #problem(problem: string): void {
    this.problems.push(`frame ${this.#at}: ${problem}`);
  }
}
