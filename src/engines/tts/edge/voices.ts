/** The default voice of each language and region, the first of a language for its other regions. */
const DEFAULTS: Readonly<Record<string, string>> = {
  "en-US": "en-US-AriaNeural",
  "en-GB": "en-GB-SoniaNeural",
  "en-AU": "en-AU-NatashaNeural",
  "en-IN": "en-IN-NeerjaNeural",
  "zh-CN": "zh-CN-XiaoxiaoNeural",
  "zh-TW": "zh-TW-HsiaoChenNeural",
  "zh-HK": "zh-HK-HiuGaaiNeural",
  "ar-EG": "ar-EG-SalmaNeural",
  "cs-CZ": "cs-CZ-VlastaNeural",
  "da-DK": "da-DK-ChristelNeural",
  "de-DE": "de-DE-KatjaNeural",
  "de-AT": "de-AT-IngridNeural",
  "de-CH": "de-CH-LeniNeural",
  "el-GR": "el-GR-AthinaNeural",
  "es-ES": "es-ES-ElviraNeural",
  "es-MX": "es-MX-DaliaNeural",
  "fi-FI": "fi-FI-NooraNeural",
  "fr-FR": "fr-FR-DeniseNeural",
  "fr-CA": "fr-CA-SylvieNeural",
  "he-IL": "he-IL-HilaNeural",
  "hi-IN": "hi-IN-SwaraNeural",
  "hu-HU": "hu-HU-NoemiNeural",
  "id-ID": "id-ID-GadisNeural",
  "it-IT": "it-IT-ElsaNeural",
  "ja-JP": "ja-JP-NanamiNeural",
  "ko-KR": "ko-KR-SunHiNeural",
  "nb-NO": "nb-NO-PernilleNeural",
  "nl-NL": "nl-NL-ColetteNeural",
  "pl-PL": "pl-PL-ZofiaNeural",
  "pt-BR": "pt-BR-FranciscaNeural",
  "pt-PT": "pt-PT-RaquelNeural",
  "ro-RO": "ro-RO-AlinaNeural",
  "ru-RU": "ru-RU-SvetlanaNeural",
  "sv-SE": "sv-SE-SofieNeural",
  "th-TH": "th-TH-PremwadeeNeural",
  "tr-TR": "tr-TR-EmelNeural",
  "uk-UA": "uk-UA-PolinaNeural",
  "vi-VN": "vi-VN-HoaiMyNeural",
};

/** Men's voices of the languages most spoken here; the service has some 300 voices more. */
const OTHERS = ["en-US-GuyNeural", "en-GB-RyanNeural", "zh-CN-YunxiNeural"];

/** A name as the service gives them, e.g. `zh-CN-liaoning-XiaobeiNeural`, `iu-Cans-CA-TaqqiqNeural`. */
const VOICE = /^([a-z]{2,3}(?:-[A-Z][a-z]{3})?-[A-Z]{2})(?:-[a-z]+)?-[A-Z]\w{1,60}Neural$/;

/** The default voice of a language, e.g. a Mandarin one for `zh`; of a language without one the English. */
export function defaultVoice(language: string): string {
  const { language: code, region } = new Intl.Locale(language).maximize();
  const regional = Object.keys(DEFAULTS).find((locale) => locale === `${code}-${region}`);
  const first = Object.keys(DEFAULTS).find((locale) => locale.startsWith(`${code}-`));
  return DEFAULTS[regional ?? first ?? "en-US"]!;
}

/** Voices to choose from: the default one of a language, those of the same language, all others. */
export function listVoices(language: string): readonly string[] {
  const chosen = defaultVoice(language);
  const all = [...Object.values(DEFAULTS), ...OTHERS].filter((voice) => voice !== chosen);
  const same = all.filter((voice) => voice.split("-")[0] === chosen.split("-")[0]);
  return [chosen, ...same, ...all.filter((voice) => !same.includes(voice))];
}

/** The locale of a voice, `undefined` of what no voice is called. Whether there is such a voice the service knows. */
export function localeOf(voice: string): string | undefined {
  return VOICE.exec(voice)?.[1];
}
