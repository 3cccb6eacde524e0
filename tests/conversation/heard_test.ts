import { deepStrictEqual as deepEqual, ok, strictEqual as equal } from "node:assert/strict";
import { heardText } from "@/conversation/heard.ts";
import { letterWeight } from "@/conversation/spoken_length.ts";
import type { WordTiming } from "@/engines/tts/engine.ts";
import type { SpokenSentence } from "@/pipeline/playout.ts";

Deno.test("nothing was heard before anything was played", () => {
  const sentences = inOrder([{ text: "Hello there. ", samples: 24_000 }]);

  equal(heardText(sentences, 0), "");
  equal(heardText([], 1000), "");
  equal(heardText(sentences, 10), "");
});

Deno.test("a sentence played to its end was heard to its last mark", () => {
  const sentences = inOrder([
    { text: "Hello there. ", samples: 24_000 },
    { text: "How are you?", samples: 24_000 },
  ]);

  equal(heardText(sentences, 24_000), "Hello there.");
  equal(heardText(sentences, 48_000), "Hello there. How are you?");
});

Deno.test("a sentence being played is cut in proportion, down to a whole word", () => {
  const sentences = inOrder([{ text: "aaaa bbbb cccc dddd", samples: 16_000 }]);

  equal(heardText(sentences, 3_999), "");
  equal(heardText(sentences, 4_000), "aaaa");
  equal(heardText(sentences, 11_999), "aaaa bbbb");
  equal(heardText(sentences, 12_000), "aaaa bbbb cccc");
});

Deno.test("word timings decide where the engine knows them", () => {
  const sentences = inOrder([{
    text: "Well, I never! ",
    samples: 30_000,
    words: [["Well", 0], ["I", 20_000], ["never", 22_000]],
  }]);

  equal(heardText(sentences, 19_999), "");
  equal(heardText(sentences, 20_000), "Well");
  equal(heardText(sentences, 22_000), "Well, I");
  equal(heardText(sentences, 26_000), "Well, I");
  equal(heardText(sentences, 30_000), "Well, I never!");
});

Deno.test("word timings count as far as the engine's words are those of the text", () => {
  const sentences = inOrder([{
    text: "That costs $5 in all of the shops.",
    samples: 40_000,
    words: [["That", 0], ["costs", 8_000], ["five", 12_000], ["dollars", 16_000], ["in", 20_000]],
  }]);

  equal(heardText(sentences, 8_000), "That");
  equal(heardText(sentences, 39_999), "That costs $5 in all of the shops");
});

Deno.test("a word of the engine that comes back later in the text is not taken for that one", () => {
  const sentences = inOrder([{
    text: "1-2 times a day is what most people would ever want to do.",
    samples: 60_000,
    words: [["one", 0], ["to", 3_000], ["two", 4_000], ["times", 8_000]],
  }]);

  const heard = heardText(sentences, 8_000);

  equal(heard, "1");
});

Deno.test("Chinese is cut between its words", () => {
  const text = "今天天气很好。";
  const sentences = inOrder([{ text, samples: 20_000 }]);

  const cuts = new Set(Array.from({ length: 21 }, (_, i) => heardText(sentences, i * 1000)));

  deepEqual([...cuts], ["", "今天", "今天天气", "今天天气很好", text]);
});

Deno.test("of a sentence not sent to its end no more is heard than a slow voice says", () => {
  const text = "The quick brown fox jumps over the lazy dog and runs away into the forest. ";
  const sentences = inOrder([{ text, samples: 24_000, complete: false }]);

  equal(heardText(sentences, 24_000), "The quick");
  equal(heardText(sentences, 48_000), "The quick");
  equal(heardText(sentences, 24_000, { speed: 1.5 }), "The quick brown fox");
  equal(heardText(sentences, 24_000, { sampleRate: 8_000 }).split(" ").length, 9);
});

Deno.test("the pace of the complete sentences tells how much of a broken one was heard", () => {
  const long = "aaaa bbbb cccc dddd eeee ffff gggg hhhh iiii jjjj";
  const fast = inOrder([
    { text: `${long} ${long} ${long} `, samples: 60_000 },
    { text: long, samples: 10_000, complete: false },
  ]);
  const slow = inOrder([
    { text: `${long} ${long} ${long} `, samples: 600_000 },
    { text: long, samples: 10_000, complete: false },
  ]);

  ok(heardText(fast, 70_000).length > heardText(slow, 610_000).length);
});

Deno.test("a sentence that broke off does not hide the next one", () => {
  const sentences = inOrder([
    { text: "The quick brown fox jumps. ", samples: 24_000, complete: false },
    { text: "Over the dog.", samples: 24_000 },
  ]);

  equal(heardText(sentences, 48_000), "The quick Over the dog.");
});

Deno.test("a sentence that cannot be said is heard with the one before it", () => {
  const sentences = inOrder([
    { text: "Look: ", samples: 24_000 },
    { text: "*** ", samples: 0 },
    { text: "Done.", samples: 24_000 },
  ]);

  equal(heardText(sentences, 30_000), "Look: ***");
});

Deno.test("what is heard is always a beginning of the text, grows, and never leads the audio", () => {
  for (let run = 0; run < 200; run++) {
    const sentences = inOrder(Array.from({ length: 1 + random(4) }, randomSentence));
    const text = sentences.map(({ sentence }) => sentence.text).join("");
    const end = sentences.at(-1)!.endSample;
    let before = "";

    for (let played = 0; played < end + 1000; played += 1 + random(2000)) {
      const heard = heardText(sentences, played);

      ok(text.startsWith(heard), `"${heard}" of "${text}"`);
      ok(heard.startsWith(before), `"${heard}" after "${before}"`);
      ok(heard.length <= longestPlayed(sentences, played), `"${heard}" at ${played} of ${end}`);
      before = heard;
    }
    equal(heardText(sentences, end), text.trimEnd());
  }
});

/** Length of text that may have been heard: all of the sentences before, and the played share of this one. */
function longestPlayed(sentences: readonly SpokenSentence[], played: number): number {
  let length = 0;
  for (const { sentence: { text }, startSample, endSample, words } of sentences) {
    if (played >= endSample) {
      length += text.length;
      continue;
    }
    if (played < startSample) break;
    const starts = words.map(({ startSample }) => startSample);
    const begun = starts.filter((start) => start <= played - startSample).length;
    if (words.length > 0) return length + text.split(" ").slice(0, begun).join(" ").length;
    let said = 0;
    const share = letterWeight(text) * (played - startSample) / (endSample - startSample);
    while (said < text.length && letterWeight(text.slice(0, said + 1)) <= share) said++;
    return length + said;
  }
  return length;
}

function randomSentence() {
  const words = Array.from({ length: 1 + random(8) }, () => {
    const choices = ["a", "two", "words", "extraordinary", "it's", "3.50", "café", "naïve"];
    return choices[random(choices.length)]!;
  });
  const samples = 100 + random(30_000);
  const starts = words.map(() => random(samples)).sort((a, b) => a - b);
  const timed = random(2) === 0;
  return {
    text: `${words.join(" ")}${random(2) === 0 ? ". " : "? "}`,
    samples,
    ...(timed && { words: words.map((word, i): [string, number] => [word, starts[i]!]) }),
  };
}

function random(below: number): number {
  return Math.floor(Math.random() * below);
}

interface Spoken {
  readonly text: string;
  readonly samples: number;
  readonly complete?: boolean;
  readonly words?: readonly (readonly [word: string, startSample: number])[];
}

function inOrder(spoken: readonly Spoken[]): SpokenSentence[] {
  let end = 0;
  return spoken.map(({ text, samples, complete = true, words = [] }, index) => {
    const startSample = end;
    end += samples;
    return {
      sentence: { index, text },
      startSample,
      endSample: end,
      complete,
      words: words.map(([word, startSample]): WordTiming => ({ word, startSample })),
    };
  });
}
