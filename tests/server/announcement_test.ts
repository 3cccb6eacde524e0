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
const voices = ["slt", "awb"];

Deno.test("the announcement says where the server is, what it runs on and what it is not", () => {
  const text = formatAnnouncement(announce(loadConfig({}, known), { url, known, voices }), "text");

  match(text, /open http:\/\/127\.0\.0\.1:8000\/ /);
  match(text, /VAD=silero ASR=moonshine LLM=scripted TTS=flite/);
  match(text, /not a language model.*LLM /);
  match(text, /API_KEYS/);
});

Deno.test("the announcement names the language models there are besides the scripted one", () => {
  const { notes } = announce(loadConfig({}, known), { url, known, voices });

  match(notes[0] ?? "", /LLM turns on a real one: openai\.$/);
});

Deno.test("the announcement has nothing to excuse in a server with other engines and keys", () => {
  const more = { ...known, llm: ["openai"] };
  const env = { ASR: "x", LLM: "openai", TTS: "y", API_KEYS: "key", OPENAI_API_KEY: "sk" };

  deepEqual(announce(loadConfig(env, more), { url, known: more, voices }).notes, []);
});

Deno.test("the announcement warns of a key set whose tokens may be for any service", () => {
  const env = { JWKS_URL: "https://id.example/jwks.json" };
  const notes = (more = {}) =>
    announce(loadConfig({ ...env, ...more }, known), { url, known, voices }).notes;

  match(notes().at(-1) ?? "", /JWT_AUDIENCE/);
  doesNotMatch(notes({ JWT_AUDIENCE: "chatai" }).join(), /JWT_AUDIENCE/);
});

for (
  const [what, env, listed, noted] of [
    ["a voice that no engine has", { TTS_VOICE: "bogus" }, voices, true],
    ["a voice that there is", { TTS_VOICE: "awb" }, voices, false],
    ["a voice where an engine has not told its own", { TTS_VOICE: "bogus" }, ["default"], false],
    ["a voice for openai", { TTS_VOICE: "bogus", OPENAI_API_KEY: "sk" }, voices, false],
  ] as const
) {
  Deno.test(`the announcement ${noted ? "tells of" : "has nothing to say of"} ${what}`, () => {
    const some = { ...known, tts: ["flite", "openai"] };

    const { notes } = announce(loadConfig(env, some), { url, known: some, voices: listed });

    const told = notes.filter((note) => note.includes("TTS_VOICE"));
    deepEqual(
      told,
      noted ? ['It has no voice "bogus", and speaks as slt. TTS_VOICE may be slt, awb.'] : [],
    );
  });
}

Deno.test("the announcement in JSON is one line", () => {
  const line = formatAnnouncement(announce(loadConfig({}, known), { url, known, voices }), "json");

  deepEqual(line.split("\n").length, 1);
  deepEqual(JSON.parse(line).url, url);
});
