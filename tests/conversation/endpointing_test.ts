import { strictEqual as equal } from "node:assert/strict";
import { endOfTurn } from "@/conversation/endpointing.ts";
import { TurnDetection } from "@/conversation/settings.ts";

type Eagerness = "auto" | "low" | "medium" | "high";

function semantic(eagerness: Eagerness): TurnDetection {
  return TurnDetection.parse({ type: "semantic_vad", eagerness });
}

/** The silence, in ms, at which the turn ends: the first that does, of every one up to 10 s. */
function silenceAtEnd(
  transcript: string | undefined,
  detection: TurnDetection,
  speechMs?: number,
): number | undefined {
  for (let silenceMs = 0; silenceMs <= 10_000; silenceMs += 10) {
    const known = speechMs === undefined ? {} : { speechMs };
    if (endOfTurn({ silenceMs, transcript, detection, ...known })) return silenceMs;
  }
}

const SILENCES: Readonly<Record<string, readonly (string | undefined)[]>> = {
  "low 400, auto 250, medium 250, high 250": [
    "What time is it in Paris?",
    "Count out loud to forty.",
    "Hello.",
    "Yes.",
    "My name is Anna.",
    "现在几点了？",
    "好的。",
  ],
  "low 1500, auto 800, medium 800, high 500": [
    undefined,
    "",
    "I went home",
    "Let me think about it...",
    "I don't want to.",
    "I need milk, eggs, bread.",
    "我喜欢苹果",
  ],
  "low 8000, auto 4000, medium 4000, high 2000": [
    "I would like to...",
    "I would like to order a.",
    "I went to the shop and",
    "Well, you know,",
    "My name is.",
    "Um.",
    "One, two, three.",
    "我想要",
    "因为，",
  ],
};

for (const [silences, transcripts] of Object.entries(SILENCES)) {
  for (const transcript of transcripts) {
    Deno.test(`semantic turns end "${transcript}" after ${silences} ms of silence`, () => {
      const measured = (["low", "auto", "medium", "high"] as const)
        .map((eagerness) => `${eagerness} ${silenceAtEnd(transcript, semantic(eagerness))}`);

      equal(measured.join(", "), silences);
    });
  }
}

Deno.test("while long speech is being recognised, the turn waits for its words", () => {
  const silence = silenceAtEnd(undefined, semantic("auto"), 10_000);

  equal(silence, 2300);
});

Deno.test("words that never come hold no turn up beyond the longest wait", () => {
  const silence = silenceAtEnd(undefined, semantic("high"), 25_000);

  equal(silence, 2000);
});

Deno.test("words that come late end the turn as soon as they are there", () => {
  const ended = endOfTurn({
    silenceMs: 600,
    transcript: "What time is it?",
    detection: semantic("auto"),
  });

  equal(ended, true);
});

for (const transcript of [undefined, "", "I would like to", "Hello."]) {
  Deno.test(`server_vad counts the silence alone, whatever was said: "${transcript}"`, () => {
    const detection = TurnDetection.parse({ type: "server_vad", silence_duration_ms: 700 });

    equal(silenceAtEnd(transcript, detection), 700);
  });
}
