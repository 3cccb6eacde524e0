import type { Config, KnownEngines } from "@/config.ts";

/** What an operator is told once the server is ready. */
export interface Announcement {
  /** Where to open it. */
  readonly url: string;
  /** Name of the engine of each kind. */
  readonly engines: Readonly<Record<string, string>>;
  /** What this server is not, in plain words, and what would change that. */
  readonly notes: readonly string[];
}

/** What is known once the server is ready, for an announcement. */
export interface AnnouncementFacts {
  readonly url: string;
  readonly known: KnownEngines;
  /** What the engines that speak list. */
  readonly voices: readonly string[];
}

/** Engines that speak in voices which they do not list. */
const SPEAK_AS_OTHERS = ["edge", "openai"];

/** What an engine lists that has not told its voices. */
const UNTOLD = "default";

/** How many voices a note names. */
const NAMED_VOICES = 10;

/** Says where the server is, what it runs on, and what it is not. */
export function announce(
  { engines, voice, auth, kvPath }: Config,
  { url, known, voices }: AnnouncementFacts,
): Announcement {
  const kinds = Object.entries(engines).map(([kind, names]) => [kind, names.join(", ")]);
  const notes: string[] = [];
  // Of a failover list the first is what a caller meets.
  if (engines.llm[0] === "scripted") {
    const others = known.llm.filter((name) => name !== "scripted");
    notes.push(
      "The brain is scripted: a small script, not a language model. " +
        `LLM turns on a real one: ${others.join(", ")}.`,
    );
  }
  if (engines.asr[0] === "moonshine") notes.push("It understands English only. ASR changes that.");
  if (engines.tts[0] === "flite") notes.push("It speaks English only. TTS changes that.");
  const told = !voices.includes(UNTOLD) &&
    !engines.tts.some((name) => SPEAK_AS_OTHERS.includes(name));
  if (voice !== undefined && told && !voices.includes(voice)) {
    notes.push(
      `It has no voice "${voice}", and speaks as ${voices[0]}. ` +
        `TTS_VOICE may be ${voices.slice(0, NAMED_VOICES).join(", ")}` +
        `${voices.length > NAMED_VOICES ? ", …" : "."}`,
    );
  }
  if (auth === "none") notes.push("Whoever reaches the port may use it. API_KEYS changes that.");
  else if (auth.tokens?.jwksUrl !== undefined && auth.tokens.audience === undefined) {
    notes.push("It accepts tokens made for other services. JWT_AUDIENCE changes that.");
  }
  if (kvPath === ":memory:") {
    notes.push("It forgets everything when it stops. KV_PATH changes that.");
  }
  return { url, engines: Object.fromEntries(kinds), notes };
}

/** Writes an announcement: lines for people, or one JSON object. */
export function formatAnnouncement(
  { url, engines, notes }: Announcement,
  format: Config["logFormat"],
): string {
  if (format === "json") return JSON.stringify({ message: "ready", url, engines, notes });
  const chosen = Object.entries(engines).map(([kind, name]) => `${kind.toUpperCase()}=${name}`);
  return [
    `ChatAI is ready: open ${url}/ and talk.`,
    `  Engines: ${chosen.join(" ")}`,
    ...notes.map((note) => `  ${note}`),
  ].join("\n");
}
