import { delay } from "@std/async";
import { createMouth } from "../e2e/user_speech.ts";
import { call, type Caller, soundIn, toChunks } from "./load.ts";

/** What callers say, as the messages of a microphone. */
interface Speech {
  /** Is answered in a sentence. */
  readonly question: readonly string[];
  /** Is answered at length. */
  readonly request: readonly string[];
}

/** Has one conversation, and ends it. Rejects where the server does not what it should. */
export type Conversation = (url: string) => Promise<void>;

/** How long a caller listens to an answer before doing something else, in ms. */
const LISTEN_MS = 700;

/** How long a caller reads nothing, in ms. */
const DEAF_MS = 8000;

/** Answers of some 100 KB each: some fill the buffers of TCP, 8 MiB the server's. */
const RETRIEVALS = 300;

/** Every kind of caller, by what they do. */
export async function soakCallers(): Promise<Readonly<Record<string, Conversation>>> {
  const { question, request } = await speak();
  const open = async (url: string) => {
    const caller = await call({ url });
    caller.openMicrophone();
    return caller;
  };

  return {
    /** Asks twice, and hears the answers out. */
    async speak(url) {
      await using caller = await open(url);
      for (let turn = 0; turn < 2; turn++) {
        caller.forget();
        caller.speak(question);
        expect("completed", await ended(caller));
      }
    },

    /** Speaks over the answer, and is answered. */
    async interrupt(url) {
      await using caller = await open(url);
      caller.speak(request);
      await caller.next("response.output_audio.delta");
      await delay(LISTEN_MS);
      caller.speak(question);
      expect("cancelled", await ended(caller));
      caller.forget();
      expect("completed", await ended(caller));
    },

    /** Is cut off at a moment that may be any: silent, speaking, waiting or listening. */
    async vanish(url) {
      await using caller = await open(url);
      caller.speak(request);
      await delay(6000 * Math.random());
      caller.vanish();
    },

    /** Asks for more than the server keeps for anybody, and reads none of it; is cut off. */
    async "stop reading"(url) {
      await using caller = await open(url);
      caller.speak(request);
      const { item_id } = (await caller.next("input_audio_buffer.committed")).read();
      await caller.next("response.output_audio.delta");
      caller.stopReading();
      for (let i = 0; i < RETRIEVALS; i++) {
        caller.send({ type: "conversation.item.retrieve", item_id });
      }
      await delay(DEAF_MS);
      caller.vanish();
    },

    /** Is cut off in the middle of an answer, comes back, and goes on. */
    async resume(url) {
      const session = await (async () => {
        await using caller = await call({ url });
        const { session } = caller.arrivals[0]!.read();
        caller.openMicrophone();
        caller.speak(request);
        await caller.next("response.output_audio.delta");
        caller.vanish();
        return session.id;
      })();
      await using caller = await call({ url: `${url}&session=${session}` });
      const created = caller.arrivals[0]!.read();
      if (created.session.id !== session) throw new Error("The session was not resumed");
      caller.openMicrophone();
      caller.speak(question);
      expect("completed", await ended(caller));
    },
  };
}

async function speak(): Promise<Speech> {
  await using mouth = await createMouth();
  const chunks = async (text: string) => {
    const pcm = await mouth.speech(text);
    return toChunks(pcm.subarray(0, 2 * soundIn(pcm).end));
  };
  return {
    question: await chunks("What time is it right now in Paris?"),
    request: await chunks("Could you tell me a short story?"),
  };
}

/** How the next response ends. */
async function ended(caller: Caller): Promise<string> {
  return (await caller.next("response.done")).read().response.status;
}

function expect(status: string, actual: string): void {
  if (actual !== status) throw new Error(`A response was ${actual}, not ${status}`);
}
