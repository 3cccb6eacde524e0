import { deepStrictEqual as deepEqual } from "node:assert/strict";
import { createRounds } from "@/engines/asr/funasr/rounds.ts";
import { frameNumbers, markedFrames, range } from "../../../fakes/marked_frames.ts";

/** What each frame of a picture means: `[` and `]` enclose a round, `=` goes on with it. */
function pictureOf(picture: string): string {
  const rounds = createRounds();
  const signs = { silence: ".", begun: "[", more: "=", ended: "]" };
  return markedFrames(picture).map((frame) => signs[rounds.push(frame).kind]).join("");
}

Deno.test("a round begins with speech and ends with a pause of 256 ms, not with a shorter one", () => {
  const long = pictureOf("..##........##..");
  const short = pictureOf("..##.......##...");

  deepEqual([long, short], ["..[========][===", "..[============="]);
});

Deno.test("a round begins with the 320 ms before its first word", () => {
  const rounds = createRounds();

  const steps = markedFrames(`${"-".repeat(30)}#`).map((frame) => rounds.push(frame));

  const last = steps.at(-1)!;
  const frames = last.kind === "begun" ? last.frames : [];
  deepEqual(frames.flatMap(({ samples }) => frameNumbers(samples)), range(20, 30));
});
