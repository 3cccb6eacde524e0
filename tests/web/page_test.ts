import { match, ok, strictEqual as equal } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { serveDir } from "@std/http/file-server";
import { BYTES_PER_MS } from "@/web/player.ts";
import { type FakeServer, startFakeServer, type WireEvent } from "../fakes/realtime_server.ts";
import { openPage, outputLevel } from "./chromium.ts";
import { added, created, done, reply, says, soundBegins, soundEnds, spoken } from "./wire.ts";

const SESSION: WireEvent = { type: "session.created", session: { id: "sess_1" } };
const DIST = fileURLToPath(new URL("../../src/web/dist", import.meta.url));

/** A fake server that also serves the page, and allows it nothing but its own files. */
function startPageServer(options: { readonly key?: string } = {}): FakeServer {
  return startFakeServer({
    intercept(request) {
      const { pathname } = new URL(request.url);
      if (pathname !== "/v1/realtime") {
        return serveDir(request, {
          fsRoot: DIST,
          quiet: true,
          headers: ["content-security-policy: default-src 'self'"],
        });
      }
      const offered = request.headers.get("sec-websocket-protocol") ?? "";
      const refused = options.key !== undefined && !offered.includes(options.key);
      return refused ? new Response(null, { status: 401 }) : undefined;
    },
  });
}

function pageOf(server: FakeServer): string {
  return server.url.replace("ws:", "http:").replace("/v1/realtime", "/");
}

/** A hum of 300 Hz. */
function hum(ms: number): Uint8Array<ArrayBuffer> {
  const samples = Int16Array.from(
    { length: ms * BYTES_PER_MS / 2 },
    (_, i) => 12_000 * Math.sin(2 * Math.PI * 300 * i / 24_000),
  );
  return new Uint8Array(samples.buffer);
}

Deno.test("the page sends what the microphone hears, plays the reply, and is silent at once when the user speaks", async () => {
  await using server = startPageServer();
  await using browser = await openPage(pageOf(server));
  const { page } = browser;
  await page.getByRole("button", { name: "Start talking" }).click();
  const session = await server.accept();

  const frame = await session.nextAudio();
  session.send(
    SESSION,
    added(spoken("u1", "Count."), null),
    created("r1"),
    added(reply("a1"), "u1"),
    soundBegins("r1", "a1"),
    says("r1", "a1", "One, two, three, four."),
  );
  session.sendAudio(hum(5000));
  await page.waitForSelector("body[data-activity=speaking]");
  await outputLevel(page, (level) => level > 0.5);
  session.send({ type: "input_audio_buffer.speech_started", item_id: "u2" });
  const truncate = await session.next("conversation.item.truncate");
  session.send(done("r1", "cancelled"), {
    type: "conversation.item.retrieved",
    item: reply("a1", "One, two,"),
  }, {
    type: "chatai.input_audio_transcription.partial",
    item_id: "u2",
    transcript: "wait a",
  });
  await outputLevel(page, (level) => level === 0);
  await page.waitForSelector(".line[data-partial]");

  equal(frame.length, 20 * BYTES_PER_MS);
  ok(truncate.audio_end_ms > 0 && truncate.audio_end_ms < 5000, `${truncate.audio_end_ms} ms`);
  match(await page.locator(".line s").innerText(), /three, four\./);
  equal(await page.locator("#state").innerText(), "Listening");
  equal(browser.problems.join(), "");
});

Deno.test("a turn is shown with the time that each stage took", async () => {
  await using server = startPageServer();
  await using browser = await openPage(pageOf(server));
  const { page } = browser;
  await page.getByRole("button", { name: "Start talking" }).click();
  const session = await server.accept();

  session.send(SESSION, {
    type: "chatai.turn.metrics",
    response_id: "r1",
    endpoint: 300,
    transcript: 250,
    first_token: 310,
    first_audio: 400,
    voice_to_voice: 402,
  });
  await page.waitForSelector("#latency:not([hidden])");

  equal(await page.locator("#latency-total").innerText(), "402 ms");
  equal(
    (await page.locator("#latency-stages").innerText()).replaceAll("\n", " "),
    "Turn end 300 ms Transcript 0 ms First word 10 ms First sound 92 ms",
  );
});

Deno.test("the whole page works from the keyboard, at the width of a phone", async () => {
  await using server = startPageServer();
  await using browser = await openPage(pageOf(server), { viewport: { width: 360, height: 640 } });
  const { page } = browser;

  const stops: string[] = [];
  for (let i = 0; i < 7; i++) {
    await page.keyboard.press("Tab");
    stops.push(
      await page.evaluate(
        "document.activeElement.id || document.activeElement.innerText || document.activeElement.ariaLabel",
      ),
    );
  }
  await page.locator("#text").focus();
  await page.keyboard.type("Hello");
  await page.keyboard.press("Enter");
  const session = await server.accept();
  session.send(SESSION, created("r1"), added(reply("a1"), null), soundBegins("r1", "a1"));
  session.sendAudio(hum(5000));
  const { item } = await session.next("conversation.item.create");
  await page.waitForSelector("#interrupt:enabled");
  await page.keyboard.press("Escape");
  await session.next("response.cancel");

  equal(
    stops.join(),
    "transcript,What time is it in Paris?,Tell me a short story.,Count out loud to forty.,talk,text,Send",
  );
  equal(item.content[0].text, "Hello");
  equal(await page.evaluate("document.documentElement.scrollWidth"), 360);
});

Deno.test("muting sends silence", async () => {
  await using server = startPageServer();
  await using browser = await openPage(pageOf(server));
  const { page } = browser;
  await page.getByRole("button", { name: "Start talking" }).click();
  const session = await server.accept();
  session.send(SESSION);

  await page.getByRole("button", { name: "Mute" }).click();
  let quiet = 0;
  while (quiet < 50) {
    quiet = (await session.nextAudio()).every((byte) => byte === 0) ? quiet + 1 : 0;
  }

  equal(await page.locator("#state").innerText(), "Muted");
});

Deno.test("a lost connection is told, comes back by itself, and finds the conversation again", async () => {
  await using server = startPageServer();
  await using browser = await openPage(pageOf(server));
  const { page } = browser;
  await page.getByRole("button", { name: "Start talking" }).click();
  const lost = await server.accept();
  lost.send(SESSION, added(spoken("u1", "Hello."), null));
  await page.waitForSelector(".line");

  await lost.close(1011);
  await page.waitForSelector("#banner:not([hidden])");
  const told = await page.locator("#banner").innerText();
  const next = await server.accept();
  next.send({ ...SESSION, "chatai.resumed": true }, added(spoken("u1", "Hello."), null));
  await page.waitForSelector("#banner", { state: "hidden" });

  match(told, /cannot be reached/);
  equal(next.url.searchParams.get("session"), "sess_1");
  ok((await next.nextAudio()).length > 0);
});

Deno.test("a reloaded page goes on with its conversation", async () => {
  await using server = startPageServer();
  await using browser = await openPage(pageOf(server));
  const { page } = browser;
  await page.getByRole("button", { name: "Start talking" }).click();
  const first = await server.accept();
  first.send(SESSION, added(spoken("u1", "Hello."), null));
  await page.waitForSelector(".line");

  await page.reload();
  const second = await server.accept();
  second.send({ ...SESSION, "chatai.resumed": true }, added(spoken("u1", "Hello."), null));
  await page.waitForSelector(".line");

  equal(second.url.searchParams.get("session"), "sess_1");
});

Deno.test("a session that went elsewhere gives the microphone back", async () => {
  await using server = startPageServer();
  await using browser = await openPage(pageOf(server));
  const { page } = browser;
  await page.getByRole("button", { name: "Start talking" }).click();
  const session = await server.accept();
  session.send(SESSION);
  await page.waitForSelector("body[data-microphone=on]");

  await session.close(4001);
  await page.waitForSelector("body[data-microphone=off]");

  match(await page.locator("#banner").innerText(), /another tab/);
});

Deno.test("a server that wants a key is given one", async () => {
  await using server = startPageServer({ key: "k-42" });
  await using browser = await openPage(pageOf(server));
  const { page } = browser;
  await page.getByRole("button", { name: "Start talking" }).click();

  await page.getByLabel("This server asks for a key").fill("k-42");
  await page.getByRole("button", { name: "Connect" }).click();
  const session = await server.accept();
  session.send(SESSION);
  await page.waitForSelector("#key-form", { state: "hidden" });

  ok(session.protocols.includes("openai-insecure-api-key.k-42"));
});

Deno.test("a refused microphone is explained, and typing still works", async () => {
  await using server = startPageServer();
  await using browser = await openPage(pageOf(server), { microphone: "refused" });
  const { page } = browser;

  await page.getByRole("button", { name: "Start talking" }).click();
  await page.waitForSelector("#problem:not([hidden])");
  const problem = await page.locator("#problem").innerText();
  await page.getByRole("button", { name: "Tell me a short story." }).click();
  const session = await server.accept();
  session.send(SESSION);
  const { item } = await session.next("conversation.item.create");
  await session.next("response.create");
  session.send(
    created("r1"),
    added(reply("a1"), null),
    soundBegins("r1", "a1"),
    says("r1", "a1", "Once."),
  );
  session.sendAudio(hum(300));
  session.send(soundEnds("r1", "a1"), done("r1", "completed"));
  await page.waitForSelector("body[data-activity=speaking]");
  await page.waitForSelector("body[data-activity=listening]");

  match(problem, /microphone is blocked/);
  equal(item.content[0].text, "Tell me a short story.");
});
