import { match, ok } from "node:assert/strict";
import { encodeWav } from "@/audio/wav.ts";
import { openPage, outputLevel } from "../web/chromium.ts";
import { decodeAll, resampleAll } from "./pcm.ts";
import { startServer } from "./server.ts";
import { createPerson, type Person } from "./user_speech.ts";
import { WIRE_RATE } from "./voice_client.ts";

/** Rate of the browser's microphone, in Hz. */
const MICROPHONE_RATE = 48_000;

/** What a microphone hears: silences in s, and what the user says. Deletes its file at the end. */
async function recording(
  person: Person,
  parts: readonly (number | string)[],
): Promise<AsyncDisposable & { readonly path: string }> {
  const pieces: Float32Array[] = [];
  for (const part of parts) {
    pieces.push(
      typeof part === "number"
        ? new Float32Array(part * MICROPHONE_RATE)
        : resampleAll(decodeAll(await person.speech(part)), WIRE_RATE, MICROPHONE_RATE),
    );
  }
  const samples = Float32Array.from(pieces.flatMap((piece) => Array.from(piece)));
  const path = await Deno.makeTempFile({ suffix: ".wav" });
  const wav = encodeWav({ samples, sampleRate: MICROPHONE_RATE });
  await Deno.writeFile(path, wav);
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path) };
}

Deno.test("in a browser, a spoken question is written down, answered aloud, and timed", async () => {
  await using server = await startServer();
  await using person = await createPerson();
  await using question = await recording(person, [1, "What time is it in Paris?", 30]);
  await using browser = await openPage(server.url, { wav: question.path });
  const { page } = browser;

  await page.getByRole("button", { name: "Start talking" }).click();
  await page.waitForSelector("body[data-activity=speaking]");
  await outputLevel(page, (level) => level > 0.3);
  const heard = await page.locator(".line[data-role=user]").innerText();
  await page.waitForSelector("body[data-activity=listening]");
  await page.waitForSelector("#latency:not([hidden])");

  match(heard, /paris/i);
  match(await page.locator(".line[data-role=assistant]").innerText(), /paris/i);
  ok(parseInt(await page.locator("#latency-total").innerText()) > 0);
  ok(browser.problems.length === 0, browser.problems.join());
});

Deno.test("in a browser, speech over a reply silences it, and what was not heard is struck out", async () => {
  await using server = await startServer();
  await using person = await createPerson();
  await using talk = await recording(person, [
    1,
    "Count out loud to forty.",
    6,
    "Stop it, please.",
    30,
  ]);
  await using browser = await openPage(server.url, { wav: talk.path });
  const { page } = browser;

  await page.getByRole("button", { name: "Start talking" }).click();
  await page.waitForSelector("body[data-activity=speaking]");
  await page.waitForSelector("body:not([data-activity=speaking])");
  await outputLevel(page, (level) => level === 0);
  const struck = await page.locator(".line s").first().innerText();

  match(struck, /forty/i);
  ok(browser.problems.length === 0, browser.problems.join());
});
