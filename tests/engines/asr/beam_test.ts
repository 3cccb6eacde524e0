import { deepStrictEqual as deepEqual, ok, strictEqual as equal } from "node:assert/strict";
import { advanceBeam, type Hypothesis, startBeam } from "@/engines/asr/beam.ts";

/** Probabilities of what may follow a text. `.` ends it. */
type Grammar = Readonly<Record<string, Readonly<Record<string, number>>>>;

const ALPHABET = ".abcdefgh";
const END = 0;

/** A decoder that follows a grammar. Its state is the text it has seen, so that mixed-up states show. */
function scriptedDecoder(grammar: Grammar, shift = 0) {
  const looks: string[] = [];
  return {
    looks,
    options: {
      endToken: END,
      decode: ({ tokens, state }: Hypothesis<string>) => {
        const last = tokens.at(-1);
        const seen = last === undefined ? state : state + ALPHABET[last];
        looks.push(seen);
        const next = grammar[seen] ?? {};
        const logits = Float32Array.from(
          ALPHABET,
          (letter) => shift + Math.log(next[letter] ?? 1e-9),
        );
        return Promise.resolve({ logits, state: seen });
      },
    },
  };
}

function text({ tokens }: Hypothesis<string>): string {
  return tokens.map((token) => ALPHABET[token]).join("");
}

/** Advances until the likeliest text has ended, and returns it. */
async function complete({ options }: ReturnType<typeof scriptedDecoder>) {
  let beam = startBeam("");
  while (!beam[0]!.ended) beam = await advanceBeam(beam, options);
  return beam[0]!;
}

Deno.test("a text that begins less likely and goes on more likely wins", async () => {
  const decoder = scriptedDecoder({
    "": { a: 0.55, b: 0.45 },
    a: { c: 0.4, d: 0.35, e: 0.25 },
    b: { c: 1 },
    ac: { ".": 1 },
    bc: { ".": 1 },
  });

  const best = await complete(decoder);

  equal(text(best), "bc");
  ok(Math.abs(best.logProbability - Math.log(0.45)) < 1e-6, `${best.logProbability}`);
});

Deno.test("where the decoder is sure, one text is followed, at one look a token", async () => {
  const decoder = scriptedDecoder({
    "": { a: 0.9, b: 0.1 },
    a: { b: 0.85, c: 0.15 },
    ab: { ".": 0.95, c: 0.05 },
  });

  const best = await complete(decoder);

  equal(text(best), "ab");
  deepEqual(decoder.looks, ["", "a", "ab"]);
});

Deno.test("texts that fall behind are given up", async () => {
  const decoder = scriptedDecoder({
    "": { a: 0.5, b: 0.5 },
    a: { c: 1 },
    b: { a: 0.2, b: 0.2, c: 0.2, d: 0.2, e: 0.2 },
    ac: { ".": 1 },
  });

  await complete(decoder);

  deepEqual(decoder.looks, ["", "a", "b", "ac"]);
});

Deno.test("no more than three texts are followed, the likeliest", async () => {
  const decoder = scriptedDecoder({
    "": { e: 0.18, a: 0.22, b: 0.2, c: 0.21, d: 0.19 },
  });

  const beam = await advanceBeam(startBeam(""), decoder.options);

  deepEqual(beam.map(text), ["a", "c", "b"]);
});

Deno.test("of texts that end in the same two tokens only the likelier is followed", async () => {
  const decoder = scriptedDecoder({
    "": { a: 0.6, b: 0.4 },
    a: { c: 1 },
    b: { c: 1 },
    ac: { d: 1 },
    bc: { d: 1 },
    acd: { ".": 1 },
  });

  const best = await complete(decoder);

  equal(text(best), "acd");
  deepEqual(decoder.looks, ["", "a", "b", "ac", "bc", "acd"]);
});

Deno.test("a text that has ended waits for the likelier ones, and is looked at no more", async () => {
  const decoder = scriptedDecoder({
    "": { a: 0.6, ".": 0.4 },
    a: { b: 0.5, c: 0.5 },
  });

  const first = await advanceBeam(startBeam(""), decoder.options);
  const second = await advanceBeam(first, decoder.options);

  deepEqual(first.map(({ ended }) => ended), [false, true]);
  deepEqual(second.map(text), ["", "ab", "ac"]);
  equal(second[0]!.ended, true);
  deepEqual(decoder.looks, ["", "a"]);
});

Deno.test("logits need not be normalised, however large", async () => {
  const grammar: Grammar = { "": { a: 0.6, b: 0.4 }, a: { ".": 1 }, b: { ".": 1 } };

  const best = await complete(scriptedDecoder(grammar, 1000));

  equal(text(best), "a");
  ok(Math.abs(best.logProbability - Math.log(0.6)) < 1e-3, `${best.logProbability}`);
});
