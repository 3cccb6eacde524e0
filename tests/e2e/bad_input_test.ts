import {
  deepStrictEqual as deepEqual,
  match,
  ok,
  rejects,
  strictEqual as equal,
} from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { deadline } from "@std/async";
import { DRAIN_MS } from "@/conversation/drain.ts";
import { connectRaw } from "./raw_client.ts";
import { startServer, type TestServer } from "./server.ts";
import { ask, eventsOf, ofType, transcript, write } from "./turns.ts";
import { createPerson, words } from "./user_speech.ts";
import { connect, WIRE_RATE } from "./voice_client.ts";

const MODELS = new URL("../../models", import.meta.url).pathname;
/** How long the end of a connection is waited for, in ms. */
const PATIENCE_MS = 30_000;

const TEXT = { output_modalities: ["text"] };

let server: TestServer;
/** "What is three plus four?", as 16-bit PCM at the wire's rate. */
let question: Uint8Array<ArrayBuffer>;

Deno.test.beforeAll(async () => {
  await using person = await createPerson();
  question = await person.speech("What is three plus four?");
  server = await startServer();
});

Deno.test.afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

/** Holds that a server does not start, and says why. */
async function refusesToStart(env: Record<string, string>, ...why: RegExp[]): Promise<void> {
  await rejects(async () => {
    await using _ = await startServer(env);
  }, ({ message }: Error) => {
    match(message, /exited with code 1/);
    for (const part of why) match(message, part);
    ok(
      !/ at .*\.ts:\d+/.test(message),
      `a stack trace explains nothing to an operator: ${message}`,
    );
    return true;
  });
}

/** A models' folder whose files are those of the real one; `spoil` may change it. */
async function modelsFolder(spoil: (dir: string) => Promise<void>) {
  const dir = await Deno.makeTempDir();
  for (const model of ["silero", "moonshine", "flite"]) {
    await Deno.mkdir(join(dir, model));
    for await (const { name } of Deno.readDir(join(MODELS, model))) {
      await Deno.symlink(join(MODELS, model, name), join(dir, model, name));
    }
  }
  await spoil(dir);
  return { dir, [Symbol.asyncDispose]: () => Deno.remove(dir, { recursive: true }) };
}

Deno.test("a port in use is named, with the variable that sets another", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr as Deno.NetAddr;

  await refusesToStart({ PORT: String(port) }, new RegExp(`PORT: ${port} is in use`));
});

Deno.test("a KV file that another process has locked is named", async () => {
  const path = await Deno.makeTempFile({ suffix: ".kv" });
  const other = new DatabaseSync(path);
  other.exec("BEGIN EXCLUSIVE; CREATE TABLE t (x)");

  await refusesToStart({ KV_PATH: path }, /KV_PATH: .*locked.*Another process is using it/);
  other.close();
  await Deno.remove(path);
});

Deno.test("a KV file that is none is named", async () => {
  const path = await Deno.makeTempFile({ suffix: ".kv" });
  await Deno.writeTextFile(path, "this is no database, however long one looks at it".repeat(20));

  await refusesToStart({ KV_PATH: path }, /KV_PATH: .*not a database.*Move the file away/);
  await Deno.remove(path);
});

Deno.test("a missing model file is named, with the command that fetches it", async () => {
  await using models = await modelsFolder((dir) =>
    Deno.remove(join(dir, "moonshine/encoder_model.onnx"))
  );

  await refusesToStart(
    { MODELS_DIR: models.dir },
    /moonshine: \S+encoder_model\.onnx is missing/,
    /deno task models moonshine/,
  );
});

Deno.test("a corrupt model file is named, with the command that fetches it", async () => {
  await using models = await modelsFolder(async (dir) => {
    const path = join(dir, "silero/silero_vad_v6.onnx");
    const bytes = await Deno.readFile(path);
    bytes[bytes.length >> 1]! ^= 1;
    await Deno.remove(path);
    await Deno.writeFile(path, bytes);
  });

  await refusesToStart(
    { MODELS_DIR: models.dir },
    /silero: \S+silero_vad_v6\.onnx is corrupt/,
    /deno task models silero/,
  );
});

Deno.test("an unknown engine is named, with the known ones", () =>
  refusesToStart({ ASR: "wisper" }, /ASR: there is no "wisper"\. Known ones: auto, moonshine/));

Deno.test("every wrong value of the environment is reported at once", () =>
  refusesToStart(
    { PORT: "99999", TTS: "nope", LOG_LEVEL: "loud", MAX_SESSION_MINUTES: "0", CORS_ORIGINS: "x" },
    /PORT: /,
    /TTS: /,
    /LOG_LEVEL: /,
    /MAX_SESSION_MINUTES: /,
    /CORS_ORIGINS: /,
  ));

Deno.test("a server that other machines reach does not start without a decision about who may use it", () =>
  refusesToStart({ HOST: "0.0.0.0" }, /^ +API_KEYS=/m, /^ +AUTH=none/m));

Deno.test("audio that is empty, random, or ends within a sample does no harm to what follows", async () => {
  await using client = await connect({
    url: server.realtime(),
    session: { audio: { input: { transcription: {}, turn_detection: null } } },
  });
  const garbage = crypto.getRandomValues(new Uint8Array(60_001));

  client.pour(new Uint8Array(0));
  client.send({ type: "input_audio_buffer.append", audio: "" });
  client.pour(garbage);
  client.send({ type: "input_audio_buffer.clear" });
  client.pour(question);
  client.send({ type: "input_audio_buffer.commit" });
  const heard = await transcript(client);

  deepEqual(words(heard).filter((word) => word === "plus"), ["plus"], heard);
  equal(eventsOf(client, "error").length, 0);
});

Deno.test("a frame above 16 MiB closes its connection with 1009, and no other", async () => {
  await using other = await connect({ url: server.realtime(), session: TEXT });
  await using client = await connect({ url: server.realtime() });

  client.send({ type: "input_audio_buffer.append", audio: "A".repeat(17 * 1024 * 1024) });
  const { code, reason } = await deadline(client.closed, PATIENCE_MS);
  const { done } = await ask(other, "Hello.");

  deepEqual({ code, reason }, { code: 1009, reason: "The message is too big" });
  equal(done.response.status, "completed");
});

Deno.test("a client that stops reading is closed with a reason, while others are served", async () => {
  await using other = await connect({ url: server.realtime(), session: TEXT });
  using deaf = await connectRaw(server.realtime());
  const before = server.hangUps();
  const long = "word ".repeat(140_000);
  const audio = new Uint8Array(20 * WIRE_RATE * 2).toBase64();

  await deaf.send({
    type: "conversation.item.create",
    item: {
      id: "item_long",
      type: "message",
      role: "user",
      content: [{ type: "input_text", text: long }],
    },
  });
  // while this is heard, all that follows arrives: Deno drops a closing socket, and its reason, for a message more
  await deaf.send({ type: "input_audio_buffer.append", audio });
  await deaf.send({ type: "input_audio_buffer.clear" });
  for (let i = 0; i < 60; i++) {
    await deaf.send({ type: "conversation.item.retrieve", item_id: "item_long" });
  }
  const { done } = await ask(other, "Hello.");
  await server.untilHangUps(before + 1);
  const close = await deaf.readToClose();

  deepEqual(close, { code: 1008, reason: "The client does not read" });
  equal(done.response.status, "completed");
});

Deno.test("a connection that breaks in mid-reply ends its session, and leaves the server well", async () => {
  const before = server.hangUps();
  {
    using broken = await connectRaw(server.realtime());
    await broken.send({
      type: "conversation.item.create",
      item: {
        type: "message",
        role: "user",
        content: [{ type: "input_text", text: "Count out loud to forty." }],
      },
    });
    await broken.send({ type: "response.create" });
    await broken.readTo("response.output_audio.delta");
  }

  await server.untilHangUps(before + 1);
  const health = await fetch(`${server.url}/ready`);

  deepEqual(await health.json(), { status: "ready" });
});

Deno.test("a server told to stop closes its clients with 1001 and exits with 0, while they speak and listen", async () => {
  await using stopping = await startServer();
  await using listening = await connect({ url: stopping.realtime() });
  const speaking = await Promise.all(
    Array.from({ length: 10 }, () => connect({ url: stopping.realtime() })),
  );
  for (const client of speaking) client.openMicrophone();
  write(listening, "Count out loud to forty.");
  listening.send({ type: "response.create" });
  await listening.next(ofType("response.output_audio.delta"));

  const start = performance.now();
  const exitCode = await stopping.stop();
  const tookMs = performance.now() - start;
  const closes = await deadline(
    Promise.all([listening, ...speaking].map(({ closed }) => closed)),
    PATIENCE_MS,
  );

  for (const client of speaking) await client[Symbol.asyncDispose]();
  equal(exitCode, 0);
  deepEqual(closes.map(({ code }) => code), closes.map(() => 1001));
  ok(tookMs < DRAIN_MS + PATIENCE_MS, `it took ${tookMs} ms`);
});
