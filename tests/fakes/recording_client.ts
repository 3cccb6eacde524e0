import type { Client, ResponseHead, ResponseOutcome } from "@/conversation/client.ts";
import type { Item } from "@/conversation/item.ts";

/** A call of a client's method, or of one of its responses' (`response.…`, with the response's id first). */
export interface ClientCall {
  readonly method: string;
  // deno-lint-ignore no-explicit-any
  readonly args: readonly any[];
}

/** A client that remembers what it is told. */
export interface RecordingClient extends Client {
  readonly calls: readonly ClientCall[];
  /** Names of the methods called, repeats of the same one folded. */
  methods(): readonly string[];
  /** Arguments of each call of one method. */
  // deno-lint-ignore no-explicit-any
  of(method: string): readonly (readonly any[])[];
  /** Settles with the arguments of the `count`-th call of a method. */
  // deno-lint-ignore no-explicit-any
  until(method: string, count?: number): Promise<readonly any[]>;
  /** Milliseconds of audio a response has sent. */
  audioMs(responseId: string): number;
}

/** What a client does otherwise. */
export interface RecordingClientOptions {
  /** Whether it wants to see what is said while it is said. @default {true} */
  readonly readsAlong?: boolean;
}

/** Makes one. */
export function createRecordingClient(
  { readsAlong = true }: RecordingClientOptions = {},
): RecordingClient {
  const calls: ClientCall[] = [];
  const watchers = new Set<() => void>();
  const rates = new Map<string, number>();

  function record(method: string, ...args: readonly unknown[]): void {
    calls.push({ method, args });
    for (const look of [...watchers]) look();
  }

  const of = (method: string) =>
    calls.filter((call) => call.method === method).map(({ args }) => args);

  const plain = (method: keyof Client) => (...args: readonly unknown[]) => record(method, ...args);

  return {
    calls,
    of,
    methods: () =>
      calls.map(({ method }) => method).filter((method, i, all) => method !== all[i - 1]),
    until(method, count = 1) {
      const { promise, resolve } = Promise.withResolvers<readonly unknown[]>();
      function look(): void {
        const found = of(method)[count - 1];
        if (found === undefined) return;
        watchers.delete(look);
        resolve(found);
      }
      watchers.add(look);
      look();
      return promise;
    },
    audioMs: (responseId) =>
      of("response.audio")
        .filter(([id]) => id === responseId)
        .reduce((sum, [, samples]) => sum + samples.length, 0) / rates.get(responseId)! * 1000,

    sessionCreated: plain("sessionCreated"),
    sessionUpdated: plain("sessionUpdated"),
    speechStarted: plain("speechStarted"),
    speechStopped: plain("speechStopped"),
    committed: plain("committed"),
    cleared: plain("cleared"),
    timeoutTriggered: plain("timeoutTriggered"),
    itemAdded: plain("itemAdded"),
    itemRetrieved: plain("itemRetrieved"),
    itemDeleted: plain("itemDeleted"),
    itemTruncated: plain("itemTruncated"),
    ...(readsAlong && { partialTranscript: plain("partialTranscript") }),
    transcribed: plain("transcribed"),
    transcriptionFailed: plain("transcriptionFailed"),
    turnMetrics: plain("turnMetrics"),
    rateLimits: plain("rateLimits"),
    refused: plain("refused"),
    openResponse(head: ResponseHead) {
      record("openResponse", head);
      rates.set(head.id, head.format.type === "audio/pcm" ? head.format.rate : 8000);
      return {
        message: (itemId: string, previous: string | null) =>
          record("response.message", head.id, itemId, previous),
        text: (delta: string) => record("response.text", head.id, delta),
        audio: (samples: Float32Array) => record("response.audio", head.id, samples),
        room: () => Promise.resolve(),
        call: (item: Item, previous: string | null) =>
          record("response.call", head.id, item, previous),
        end: (outcome: ResponseOutcome, usage: unknown) =>
          record("response.end", head.id, outcome, usage),
      };
    },
  };
}
