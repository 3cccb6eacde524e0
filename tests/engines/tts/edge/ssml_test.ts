import { match } from "node:assert/strict";
import { toSsml } from "@/engines/tts/edge/ssml.ts";

const VOICE = { voice: "en-US-AriaNeural", locale: "en-US", pitch: "+0Hz", volume: "+0%" };

Deno.test("a speed is told in per cent, within what the service takes", () => {
  const speeds = { 1: "+0%", 1.25: "+25%", 0.8: "-20%", 4: "+100%", 0.25: "-50%" };

  for (const [speed, rate] of Object.entries(speeds)) {
    const ssml = toSsml("Hello", { ...VOICE, speed: Number(speed) });

    match(ssml, new RegExp(`rate="\\${rate[0]}${rate.slice(1)}"`));
  }
});

Deno.test("pitch and volume are told as the operator set them", () => {
  const ssml = toSsml("Hello", { ...VOICE, speed: 1, pitch: "-5Hz", volume: "+10%" });

  match(ssml, /<prosody pitch="-5Hz" rate="\+0%" volume="\+10%">Hello</);
});

Deno.test("no text can leave its place in the request", () => {
  const ssml = toSsml('</prosody></voice><voice name="x">', { ...VOICE, speed: 1 });

  match(ssml, />&lt;\/prosody&gt;&lt;\/voice&gt;&lt;voice name=&quot;x&quot;&gt;<\/prosody>/);
});
