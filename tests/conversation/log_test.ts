import { deepStrictEqual as deepEqual, ok } from "node:assert/strict";
import { configureLogging } from "@/telemetry/logging.ts";
import { openTalk, type TalkOptions } from "./talk.ts";

const WORD = "zanzibar";

interface Line {
  readonly level: string;
  readonly message: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** What is logged, down to `debug`, of a turn in which the user says the word. */
async function linesOf(options: TalkOptions): Promise<{ lines: Line[]; sessionId: string }> {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array<ArrayBuffer>>();
  const text = new Response(readable).text();
  let sessionId = "";
  {
    await using _logging = await configureLogging({
      levels: { all: "debug", categories: {} },
      format: "json",
      output: writable,
    });
    await using talk = await openTalk(options);
    sessionId = talk.session.view().id;
    await talk.say(WORD);
    await talk.silence(2000);
  }
  await writable.close();
  const lines = (await text).split("\n").filter((line) => line !== "");
  return { lines: lines.map((line) => JSON.parse(line)), sessionId };
}

function loud(lines: readonly Line[]): Line[] {
  return lines.filter(({ level }) => level !== "DEBUG");
}

function holdsWord(line: Line): boolean {
  return JSON.stringify(line).includes(WORD);
}

function fail(): never {
  throw new SyntaxError(`Unexpected token in "${WORD}"`, { cause: new Error(WORD) });
}

const FAILURES: Readonly<Record<string, TalkOptions>> = {
  recogniser: { recognise: () => Promise.reject(new Error(`Cannot write down "${WORD}"`)) },
  model: {
    // deno-lint-ignore require-yield
    async *reply() {
      fail();
    },
  },
  "model in mid-reply": {
    async *reply() {
      yield { kind: "text", text: `${WORD} ` };
      fail();
    },
  },
  observer: {
    observe: (facts) => facts.observe("test", () => fail()),
  },
};

for (const [what, options] of Object.entries(FAILURES)) {
  Deno.test(`what the user says is in no line above debug, though the ${what} fails with it`, async () => {
    const { lines } = await linesOf(options);

    deepEqual(loud(lines).filter(holdsWord), []);
    ok(loud(lines).some(({ level }) => level === "ERROR"));
    ok(lines.some(holdsWord)); // there was something to leak
  });
}

Deno.test("every line of a session names it, and those of a response its turn as well", async () => {
  const { lines, sessionId } = await linesOf(FAILURES["model"]!);

  const failed = lines.filter(({ message }) => /response failed/.test(message));
  deepEqual(lines.filter(({ properties }) => properties.sessionId !== sessionId), []);
  ok(lines.length >= 3);
  ok(failed.length > 0);
  ok(failed.every(({ properties }) => /^resp_/.test(String(properties.responseId))));
  ok(failed.every(({ properties }) => /^item_/.test(String(properties.itemId))));
});
