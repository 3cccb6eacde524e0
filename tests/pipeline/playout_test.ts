import { deepStrictEqual as deepEqual, ok, strictEqual as equal } from "node:assert/strict";
import { createPlayout } from "@/pipeline/playout.ts";
import type { SpeechChunk } from "@/pipeline/synthesize.ts";

const sampleRate = 1000; // a sample is a millisecond

function chunk(ms: number, { index = 0, last = false, words }: {
  index?: number;
  last?: boolean;
  words?: SpeechChunk["words"];
} = {}): SpeechChunk {
  const sentence = { index, text: `Sentence ${index}. ` };
  return {
    kind: "speech",
    samples: new Float32Array(ms),
    sentence,
    last,
    ...(words && { words }),
  };
}

function clocked(after?: number) {
  let time = 5000;
  return {
    playout: createPlayout({
      sampleRate,
      now: () => time,
      ...(after !== undefined && { after }),
    }),
    pass: (ms: number) => time += ms,
  };
}

Deno.test("nothing is sent, played or ahead before the first audio", () => {
  const { playout, pass } = clocked();

  pass(1000);

  equal(playout.leadMs(), 0);
  equal(playout.sentSamples(), 0);
  equal(playout.playedSamples(), 0);
  deepEqual(playout.sentences(), []);
});

Deno.test("playing starts when the first audio is sent", () => {
  const { playout, pass } = clocked();
  pass(1000);

  playout.sent(chunk(200));
  playout.sent(chunk(200));
  pass(150);

  equal(playout.playedSamples(), 150);
  equal(playout.leadMs(), 250);
  equal(playout.endsAt(), 6400);
});

Deno.test("the playhead never passes what was sent", () => {
  const { playout, pass } = clocked();

  playout.sent(chunk(200));
  pass(10_000);

  equal(playout.playedSamples(), 200);
  equal(playout.leadMs(), 0);
  equal(playout.endsAt(), 5200);
});

Deno.test("what was sent before is played first", () => {
  const { playout, pass } = clocked(6000);

  playout.sent(chunk(200));
  pass(500);
  const waiting = [playout.playedSamples(), playout.leadMs()];
  pass(550);

  deepEqual(waiting, [0, 200]);
  equal(playout.playedSamples(), 50);
  equal(playout.leadMs(), 150);
  equal(playout.endsAt(), 6200);
});

Deno.test("a gap moves the play-out forward", () => {
  const { playout, pass } = clocked();

  playout.sent(chunk(200));
  pass(500);
  playout.sent(chunk(200));
  pass(50);

  equal(playout.playedSamples(), 250);
  equal(playout.endsAt(), 5700);
});

Deno.test("once it is stopped nothing more is played, and nothing is left to play", () => {
  const { playout, pass } = clocked();
  playout.sent(chunk(200));
  pass(50);

  playout.stop();
  pass(100);
  playout.stop();

  equal(playout.playedSamples(), 50);
  equal(playout.leadMs(), 0);
  equal(playout.endsAt(), 5050);
  equal(playout.sentSamples(), 200);
});

Deno.test("the playhead never goes back, whenever audio is sent", () => {
  const { playout, pass } = clocked();
  let before = 0;

  for (let i = 0; i < 500; i++) {
    if (Math.random() < 0.3) playout.sent(chunk(Math.floor(Math.random() * 200)));
    pass(Math.random() * 90);
    const played = playout.playedSamples();
    ok(played >= before && played <= playout.sentSamples(), `${before} → ${played}`);
    before = played;
  }
});

Deno.test("each sentence knows its samples and whether all of it was sent", () => {
  const { playout } = clocked();

  playout.sent(chunk(200));
  playout.sent(chunk(100, { last: true }));
  playout.sent(chunk(0, { index: 1, last: true }));
  playout.sent(chunk(200, { index: 2 }));

  deepEqual(
    playout.sentences().map(({ sentence, startSample, endSample, complete }) => [
      sentence.index,
      startSample,
      endSample,
      complete,
    ]),
    [[0, 0, 300, true], [1, 300, 300, true], [2, 300, 500, false]],
  );
});

Deno.test("an empty chunk starts no play-out", () => {
  const { playout, pass } = clocked();

  playout.sent(chunk(0, { last: true }));
  pass(500);
  playout.sent(chunk(200, { index: 1 }));

  equal(playout.leadMs(), 200);
});

Deno.test("a sentence gathers the words of its chunks", () => {
  const { playout } = clocked();

  playout.sent(chunk(200, { words: [{ word: "Hello", startSample: 10 }] }));
  playout.sent(chunk(200));
  playout.sent(chunk(200, { words: [{ word: "there", startSample: 420 }], last: true }));

  deepEqual(playout.sentences()[0]?.words, [
    { word: "Hello", startSample: 10 },
    { word: "there", startSample: 420 },
  ]);
});
