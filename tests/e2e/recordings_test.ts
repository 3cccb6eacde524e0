import { deepStrictEqual as deepEqual, ok } from "node:assert/strict";
import {
  hearClips,
  isScored,
  isWordless,
  readClips,
  scoreWords,
  SPEECH_DIR,
} from "./recordings.ts";
import { startServer, type TestServer } from "./server.ts";

/** The most words of all that may be wrong. */
const MAX_WORD_ERROR_RATE = 0.07;

const clips = readClips();
const ignore = clips.length === 0;
const absent = ignore ? ` (skipped: there are no recordings in ${SPEECH_DIR})` : "";
let server: TestServer;

Deno.test.beforeAll(async () => {
  if (!ignore) server = await startServer();
});

Deno.test.afterAll(async () => {
  if (!ignore) await server[Symbol.asyncDispose]();
});

Deno.test({
  name: `of the words of real recordings at most 7 % are misheard${absent}`,
  ignore,
  fn: async (test) => {
    const scored = clips.filter(isScored);

    const heard = await hearClips(server.realtime(), scored);

    const { words, errors, wrong } = scoreWords(heard);
    const rate = `${errors} of ${words} words (${(100 * errors / words).toFixed(1)} %)`;
    await test.step(`${rate} of ${scored.length} recordings are misheard`, () => {
      ok(errors <= MAX_WORD_ERROR_RATE * words, [rate, ...wrong].join("\n"));
    });
  },
});

Deno.test({
  name: `noise, music and silence are no turns${absent}`,
  ignore,
  fn: async () => {
    const wordless = clips.filter(isWordless);

    const heard = await hearClips(server.realtime(), wordless);

    deepEqual(
      heard.filter(({ transcripts, responses }) => transcripts.join("") !== "" || responses > 0),
      [],
    );
  },
});
