import { match, rejects, strictEqual as equal } from "node:assert/strict";
import { join } from "node:path";
import denoJson from "../../deno.json" with { type: "json" };
import { startServer } from "./server.ts";
import { answer, ask, transcript } from "./turns.ts";
import { createMouth } from "./user_speech.ts";
import { connect } from "./voice_client.ts";

const { deploy } = denoJson;

/** How Deno Deploy runs the program, less what it need not have there: no files to write, no processes, no Workers. */
const HOST = {
  args: [
    "run",
    "--no-prompt",
    "--allow-net",
    "--allow-read",
    "--allow-env",
    `--preload=${join(import.meta.dirname!, "../fakes/without_workers.ts")}`,
    deploy.runtime.entrypoint,
  ],
};

/** What it sets. Its store is one in memory here. */
const ENVIRONMENT = { DENO_DEPLOY: "1", DENO_KV_DEFAULT_PATH: ":memory:", KV_PATH: "" };

const KEY = "a-key-that-nobody-guesses";

Deno.test("on a host such as Deno Deploy, without Workers and files to write, it is talked to in writing and aloud", async () => {
  await using mouth = await createMouth();
  const question = await mouth.speech("What is three plus four?");
  await using server = await startServer({ ...ENVIRONMENT, API_KEYS: KEY }, HOST);

  const page = await fetch(server.url);
  await using client = await connect({
    url: server.realtime(),
    session: { audio: { input: { transcription: {} } } },
    key: KEY,
  });
  const { reply } = await ask(client, "How much is two plus three?");
  const from = client.received.length;
  client.openMicrophone();
  await client.speak(question);
  const heard = await transcript(client, { from });
  const spoken = await answer(client, from);
  const session = client.received.find(({ event }) => event.type === "session.created");
  const stored = await fetch(`${server.url}/v1/sessions/${session?.event.session.id}`, {
    headers: { authorization: `Bearer ${KEY}` },
  });

  equal(page.status, 200);
  match(await page.text(), /<!doctype html>/i);
  match(reply, /five|5/i);
  match(heard, /three plus four|3 plus 4/i);
  match(spoken.reply, /seven|7/i);
  equal((await stored.json()).items.length, 4);
});

Deno.test("on Deno Deploy it does not start without a decision about who may use it", async () => {
  await rejects(startServer(ENVIRONMENT, HOST), ({ message }: Error) => {
    match(message, /exited with code 1/);
    match(message, /Deno Deploy lets other machines in/);
    match(message, /^ +API_KEYS=/m);
    return true;
  });
});

Deno.test("what Deno Deploy is told to build are tasks that there are", () => {
  const tasks = [...deploy.build.matchAll(/deno task (\w+)/g)].map(([, task]) => task!);

  equal(tasks.filter((task) => task in denoJson.tasks).join(" "), "models web");
});
