import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import { createPieces, type PieceChange } from "@/engines/asr/pieces.ts";
import { frameNumbers, markedFrames, range } from "../../fakes/marked_frames.ts";

/** All changes but silence and speech, and after which frame each came. */
function changes(picture: string): string[] {
  const pieces = createPieces();
  return markedFrames(picture).flatMap((frame, i) => {
    const { kind } = pieces.push(frame);
    return kind === "silence" || kind === "speech" ? [] : [`${kind} ${i}`];
  });
}

function samplesAfter(picture: string): number[] | undefined {
  const pieces = createPieces();
  for (const frame of markedFrames(picture)) pieces.push(frame);
  const samples = pieces.samples();
  return samples && frameNumbers(samples);
}

Deno.test("a piece is its speech, and 0.15 s of silence before and 0.2 s behind it", () => {
  const pieces = createPieces();
  for (const frame of markedFrames(".".repeat(20) + "####" + ".".repeat(20))) pieces.push(frame);

  const samples = pieces.samples()!;

  equal(samples.length, 2400 + 4 * 512 + 3200);
  deepEqual(samples.indexOf(20), 2400);
  deepEqual(frameNumbers(samples), range(15, 30));
});

Deno.test("a piece keeps the pauses inside it", () => {
  const piece = samplesAfter("###....###");

  deepEqual(piece, range(0, 9));
});

Deno.test("silence is no piece", () => {
  equal(samplesAfter(".".repeat(50)), undefined);
});

Deno.test("a pause of 5 frames after speech is told once, one before speech never", () => {
  const told = changes(".".repeat(12) + "###" + ".".repeat(12));

  deepEqual(told, ["resumed 12", "paused 19"]);
});

Deno.test("speech after a pause has resumed, however short the pause", () => {
  const told = changes("##.##......##");

  deepEqual(told, ["resumed 0", "resumed 3", "paused 9", "resumed 11"]);
});

Deno.test("a pause of 2 s ends the piece, and the next keeps a pad of its own", () => {
  const pieces = createPieces();
  const picture = "###" + ".".repeat(70) + "##";

  const ended = markedFrames(picture).map((frame) => pieces.push(frame))
    .find((change): change is PieceChange & { kind: "ended" } => change.kind === "ended");

  deepEqual(frameNumbers(ended!.samples), range(0, 9));
  deepEqual(frameNumbers(pieces.samples()!), range(68, 74));
});

Deno.test("a piece of 25 s is cut where speech is least likely in its last 5 s", () => {
  const pieces = createPieces();
  const frames = markedFrames("#".repeat(800));
  const cuts: number[][] = [];

  for (const [i, frame] of frames.entries()) {
    const probability = i === 300 ? 0.1 : i === 700 ? 0.3 : 0.9;
    const change = pieces.push({ ...frame, probability });
    if (change.kind === "cut") cuts.push(frameNumbers(change.samples));
  }

  deepEqual(cuts, [range(0, 699)]);
  deepEqual(frameNumbers(pieces.samples()!), range(700, 799));
});

Deno.test("no sample of uninterrupted speech is lost or doubled by cuts", () => {
  const pieces = createPieces();
  const heard: number[] = [];

  for (const frame of markedFrames("#".repeat(3000))) {
    const change = pieces.push(frame);
    if (change.kind === "cut") heard.push(...frameNumbers(change.samples));
  }
  heard.push(...frameNumbers(pieces.samples()!));

  deepEqual(heard, range(0, 2999));
});

Deno.test("silence without end is not kept", () => {
  const piece = samplesAfter("#" + ".".repeat(5000) + "#");

  deepEqual(piece, range(4996, 5001));
});
