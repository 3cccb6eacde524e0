import { deepStrictEqual as deepEqual, ok, strictEqual as equal } from "node:assert/strict";
import { defaultVoice, listVoices, localeOf } from "@/engines/tts/edge/voices.ts";

Deno.test("the default voice speaks the language, and its region's kind where there is one", () => {
  const cases = {
    en: "en-US-AriaNeural",
    "en-GB": "en-GB-SoniaNeural",
    "en-NZ": "en-US-AriaNeural",
    zh: "zh-CN-XiaoxiaoNeural",
    "zh-Hans": "zh-CN-XiaoxiaoNeural",
    "zh-Hant": "zh-TW-HsiaoChenNeural",
    "zh-HK": "zh-HK-HiuGaaiNeural",
    pt: "pt-BR-FranciscaNeural",
    "de-CH": "de-CH-LeniNeural",
    no: "nb-NO-PernilleNeural",
    yue: "zh-HK-HiuGaaiNeural",
    "yue-CN": "zh-HK-HiuGaaiNeural",
    tlh: "en-US-AriaNeural",
  };

  for (const [language, voice] of Object.entries(cases)) equal(defaultVoice(language), voice);
});

Deno.test("of the voices that the service lists, one of the language speaks, and the usual one if it is there", () => {
  const listed = [
    "af-ZA-AdriNeural",
    "de-DE-AmalaNeural",
    "de-DE-KatjaNeural",
    "en-NZ-MollyNeural",
    "en-US-AriaNeural",
    "iu-Cans-CA-SiqiniqNeural",
    "sw-KE-ZuriNeural",
    "sw-TZ-RehemaNeural",
    "zh-TW-HsiaoYuNeural",
  ];
  const cases = {
    af: "af-ZA-AdriNeural",
    de: "de-DE-KatjaNeural",
    "de-CH": "de-DE-KatjaNeural",
    "en-NZ": "en-NZ-MollyNeural",
    "en-GB": "en-US-AriaNeural",
    iu: "iu-Cans-CA-SiqiniqNeural",
    sw: "sw-TZ-RehemaNeural",
    "sw-KE": "sw-KE-ZuriNeural",
    "sw-UG": "sw-KE-ZuriNeural",
    zh: "zh-TW-HsiaoYuNeural",
    tlh: "en-US-AriaNeural",
  };

  for (const [language, voice] of Object.entries(cases)) {
    equal(defaultVoice(language, listed), voice);
  }
  deepEqual(listVoices("sw", listed).slice(0, 2), ["sw-TZ-RehemaNeural", "sw-KE-ZuriNeural"]);
  equal(listVoices("tlh", ["en-IE-EmilyNeural"])[0], "en-IE-EmilyNeural");
});

Deno.test("voices of the language come first, each voice once", () => {
  const voices = listVoices("zh");

  deepEqual(voices.slice(0, 4).map((voice) => voice.slice(0, 2)), ["zh", "zh", "zh", "zh"]);
  equal(voices[4]?.slice(0, 2), "en");
  equal(new Set(voices).size, voices.length);
  ok(voices.every((voice) => localeOf(voice) !== undefined));
});

Deno.test("a name of a voice is known by its form", () => {
  equal(localeOf("en-US-AvaMultilingualNeural"), "en-US");
  equal(localeOf("zh-CN-liaoning-XiaobeiNeural"), "zh-CN");
  equal(localeOf("iu-Cans-CA-TaqqiqNeural"), "iu-Cans-CA");
  for (const name of ["slt", "alloy", "", 'en-US-"/><break/>Neural', "../en-US-AriaNeural"]) {
    equal(localeOf(name), undefined);
  }
});
