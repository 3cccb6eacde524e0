import { deepStrictEqual as deepEqual, doesNotMatch, match } from "node:assert/strict";
import { loadConfig } from "@/config.ts";
import { announce, formatAnnouncement } from "@/server/announcement.ts";

const known = {
  vad: ["silero"],
  asr: ["moonshine", "x"],
  llm: ["openai", "scripted"],
  tts: ["flite", "y"],
};
const url = "http://127.0.0.1:8000";

Deno.test("the announcement says where the server is, what it runs on and what it is not", () => {
  const text = formatAnnouncement(announce(loadConfig({}, known), { url, known }), "text");

  match(text, /open http:\/\/127\.0\.0\.1:8000\/ /);
  match(text, /VAD=silero ASR=moonshine LLM=scripted TTS=flite/);
  match(text, /not a language model.*LLM /);
  match(text, /API_KEYS/);
});

Deno.test("the announcement names the language models there are besides the scripted one", () => {
  const { notes } = announce(loadConfig({}, known), { url, known });

  match(notes[0] ?? "", /LLM turns on a real one: openai\.$/);
});

Deno.test("the announcement has nothing to excuse in a server with other engines and keys", () => {
  const more = { ...known, llm: ["openai"] };
  const env = { ASR: "x", LLM: "openai", TTS: "y", API_KEYS: "key", OPENAI_API_KEY: "sk" };

  deepEqual(announce(loadConfig(env, more), { url, known: more }).notes, []);
});

Deno.test("the announcement warns of a key set whose tokens may be for any service", () => {
  const env = { JWKS_URL: "https://id.example/jwks.json" };
  const notes = (more = {}) =>
    announce(loadConfig({ ...env, ...more }, known), { url, known }).notes;

  match(notes().at(-1) ?? "", /JWT_AUDIENCE/);
  doesNotMatch(notes({ JWT_AUDIENCE: "chatai" }).join(), /JWT_AUDIENCE/);
});

Deno.test("the announcement in JSON is one line", () => {
  const line = formatAnnouncement(announce(loadConfig({}, known), { url, known }), "json");

  deepEqual(line.split("\n").length, 1);
  deepEqual(JSON.parse(line).url, url);
});
