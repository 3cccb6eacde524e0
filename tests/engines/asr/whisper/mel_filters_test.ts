import { deepStrictEqual as deepEqual, ok } from "node:assert/strict";
import { melFilters } from "@/engines/asr/whisper/mel_filters.ts";
import reference from "./reference.json" with { type: "json" };

const filters = melFilters({ bands: 80, bins: 201, hzPerBin: 40 });

Deno.test("the filters are those that librosa makes, and OpenAI ships", () => {
  for (const [band, points] of Object.entries(reference.filters)) {
    const { first, weights } = filters[Number(band)]!;

    deepEqual([...weights.keys()].map((i) => first + i), points.map(([bin]) => bin));
    for (const [i, [, expected]] of points.entries()) {
      ok(Math.abs(weights[i]! - expected!) < 1e-7, `band ${band}: ${weights[i]}, not ${expected}`);
    }
  }
});

Deno.test("all the filters together weigh what the reference does", () => {
  const sum = filters.flatMap(({ weights }) => [...weights]).reduce((a, b) => a + b, 0);

  ok(Math.abs(sum - reference.sumOfFilters) < 1e-4, `${sum}`);
});
