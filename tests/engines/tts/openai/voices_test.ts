import { deepStrictEqual as deepEqual, rejects } from "node:assert/strict";
import { APIError } from "openai";
import { createVoiceChoice } from "@/engines/tts/openai/voices.ts";

function refusal(status: number): APIError {
  return APIError.generate(status, { error: {} }, undefined, new Headers());
}

Deno.test("a failure that is no refusal is not tried again with another voice", async () => {
  const choice = createVoiceChoice({ served: [], preferred: undefined });
  const asked: string[] = [];

  await rejects(choice.ask("nova", (voice) => {
    asked.push(voice);
    return Promise.reject(refusal(429));
  }));

  deepEqual(asked, ["nova"]);
});

Deno.test("where the default voice is refused too, the voice is not to blame, and is tried again", async () => {
  const choice = createVoiceChoice({ served: [], preferred: undefined });
  const asked: string[] = [];
  const refuse = (voice: string) => {
    asked.push(voice);
    return Promise.reject(refusal(404));
  };

  await rejects(choice.ask("nova", refuse), { status: 404 });
  await rejects(choice.ask("nova", refuse), { status: 404 });

  deepEqual(asked, ["nova", "alloy", "nova", "alloy"]);
});
