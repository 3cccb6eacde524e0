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

/** The voices that a server is asked for, one after the other, when it refuses those that are not its own. */
async function tried(
  voice: string | undefined,
  { served, preferred }: { readonly served: readonly string[]; readonly preferred?: string },
): Promise<string[]> {
  const asked: string[] = [];
  const choice = createVoiceChoice({ served, preferred });
  await choice.ask(voice, (name) => {
    asked.push(name);
    return served.includes(name) || name.includes("+")
      ? Promise.resolve()
      : Promise.reject(refusal(400));
  });
  return asked;
}

Deno.test("a blend of voices that the server lists is asked for, one with another voice is not", async () => {
  const served = ["af_nova", "af_bella", "af_sky"];

  const blends = [
    await tried("af_bella(2)+af_sky(1)", { served }),
    await tried("af_bella(0.5) + af_sky - af_nova", { served }),
    await tried("af_bella+af_unknown", { served }),
  ];

  deepEqual(blends, [
    ["af_bella(2)+af_sky(1)"],
    ["af_bella(0.5) + af_sky - af_nova"],
    ["af_nova"],
  ]);
});

Deno.test("the operator's voice is tried though the server does not list it, a caller's is not", async () => {
  const served = ["af_nova", "af_bella"];

  const asked = [
    await tried(undefined, { served, preferred: "af_bella+my_own" }),
    await tried(undefined, { served, preferred: "slt" }),
    await tried("slt", { served, preferred: "af_bella" }),
  ];

  deepEqual(asked, [["af_bella+my_own"], ["slt", "af_nova"], ["af_bella"]]);
});
