import { deepStrictEqual as deepEqual } from "node:assert/strict";
import { defaultSettings, type SessionSettings, TurnDetection } from "@/conversation/settings.ts";
import { detectionOf } from "@/conversation/voice_detection.ts";

/** The settings of a session with this audio input. */
function settingsOf(input: Partial<SessionSettings["audio"]["input"]>): SessionSettings {
  const settings = defaultSettings({ model: "test", instructions: "", voice: "tone" });
  return {
    ...settings,
    audio: { ...settings.audio, input: { ...settings.audio.input, ...input } },
  };
}

Deno.test("the VAD listens by the fields of server_vad", () => {
  const turn_detection = TurnDetection.parse({
    type: "server_vad",
    threshold: 0.7,
    prefix_padding_ms: 120,
    min_speech_ms: 40,
  });

  deepEqual(detectionOf(settingsOf({ turn_detection })), {
    mode: "voice",
    threshold: 0.7,
    prefixPaddingMs: 120,
    minSpeechMs: 40,
    denoise: false,
  });
});

Deno.test("semantic turns listen as server_vad does by default", () => {
  const turn_detection = TurnDetection.parse({ type: "semantic_vad" });

  deepEqual(detectionOf(settingsOf({ turn_detection })), detectionOf(settingsOf({})));
});

Deno.test("noise reduction is for the VAD, with and without turn detection", () => {
  const noise_reduction = { type: "near_field" as const };

  deepEqual(detectionOf(settingsOf({ noise_reduction })).denoise, true);
  deepEqual(detectionOf(settingsOf({ noise_reduction, turn_detection: null })), {
    mode: "manual",
    denoise: true,
  });
});
