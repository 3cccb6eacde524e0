/** The default voice of each language and region, the first of a language for its other regions. */
const DEFAULTS: readonly string[] = [
  "en-US-AriaNeural",
  "en-GB-SoniaNeural",
  "en-AU-NatashaNeural",
  "en-IN-NeerjaNeural",
  "zh-CN-XiaoxiaoNeural",
  "zh-TW-HsiaoChenNeural",
  "zh-HK-HiuGaaiNeural",
  "ar-EG-SalmaNeural",
  "cs-CZ-VlastaNeural",
  "da-DK-ChristelNeural",
  "de-DE-KatjaNeural",
  "de-AT-IngridNeural",
  "de-CH-LeniNeural",
  "el-GR-AthinaNeural",
  "es-ES-ElviraNeural",
  "es-MX-DaliaNeural",
  "fi-FI-NooraNeural",
  "fr-FR-DeniseNeural",
  "fr-CA-SylvieNeural",
  "he-IL-HilaNeural",
  "hi-IN-SwaraNeural",
  "hu-HU-NoemiNeural",
  "id-ID-GadisNeural",
  "it-IT-ElsaNeural",
  "ja-JP-NanamiNeural",
  "ko-KR-SunHiNeural",
  "nb-NO-PernilleNeural",
  "nl-NL-ColetteNeural",
  "pl-PL-ZofiaNeural",
  "pt-BR-FranciscaNeural",
  "pt-PT-RaquelNeural",
  "ro-RO-AlinaNeural",
  "ru-RU-SvetlanaNeural",
  "sv-SE-SofieNeural",
  "th-TH-PremwadeeNeural",
  "tr-TR-EmelNeural",
  "uk-UA-PolinaNeural",
  "vi-VN-HoaiMyNeural",
];

/** Voices to choose from before the service has listed its own: the default ones, and men's of some languages. */
export const BUILT_IN: readonly string[] = [
  ...DEFAULTS,
  "en-US-GuyNeural",
  "en-GB-RyanNeural",
  "zh-CN-YunxiNeural",
];

/** Languages that the service has under another's name. */
const ALIASES: Readonly<Record<string, string>> = { no: "nb", nn: "nb", yue: "zh-HK" };

/** A name as the service gives them, e.g. `zh-CN-liaoning-XiaobeiNeural`, `iu-Cans-CA-TaqqiqNeural`. */
const VOICE = /^([a-z]{2,3}(?:-[A-Z][a-z]{3})?-[A-Z]{2})(?:-[a-z]+)?-[A-Z]\w{1,60}Neural$/;

/**
 * The default voice of a language, e.g. a Mandarin one for `zh`; of a language without one the English.
 *
 * @param known The voices there are.
 */
export function defaultVoice(language: string, known: readonly string[] = BUILT_IN): string {
  const { language: code, region } = new Intl.Locale(language).maximize();
  const spoken = `${ALIASES[code] ?? code}-`;
  const voices = [...DEFAULTS.filter((voice) => known.includes(voice)), ...known];
  const same = voices.filter((voice) => voice.startsWith(spoken));
  const chosen = same.find((voice) => localeOf(voice)?.endsWith(`-${region}`)) ?? same[0];
  return chosen ?? (code === "en" ? DEFAULTS[0]! : defaultVoice("en", known));
}

/**
 * Voices to choose from: the default one of a language, those of the same language, all others.
 *
 * @param known The voices there are.
 */
export function listVoices(
  language: string,
  known: readonly string[] = BUILT_IN,
): readonly string[] {
  const chosen = defaultVoice(language, known);
  const all = known.filter((voice) => voice !== chosen);
  const same = all.filter((voice) => voice.split("-")[0] === chosen.split("-")[0]);
  return [chosen, ...same, ...all.filter((voice) => !same.includes(voice))];
}

/** The locale of a voice, `undefined` of what no voice is called. Whether there is such a voice the service knows. */
export function localeOf(voice: string): string | undefined {
  return VOICE.exec(voice)?.[1];
}
