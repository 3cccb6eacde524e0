import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import { DESCRIBED_VARIABLES, loadConfig } from "@/config.ts";
import { KNOWN_ENGINES } from "@/server/engines.ts";
import { format } from "../../docs/format.ts";
import { replaceVariables } from "../../docs/variables.ts";

const page = await Deno.readTextFile(new URL("../../docs/operations.md", import.meta.url));

Deno.test("the variables in docs/operations.md are current: otherwise, run deno task docs", async () => {
  equal(page, await format(replaceVariables(page, DESCRIBED_VARIABLES)));
});

Deno.test("the defaults in docs/operations.md are those of the program", () => {
  const env = Object.fromEntries(
    DESCRIBED_VARIABLES.flatMap(({ name, unset }) => {
      const value = /^`(.*)`$/.exec(unset)?.[1];
      return value === undefined ? [] : [[name, value]];
    }),
  );

  deepEqual(loadConfig(env, KNOWN_ENGINES), loadConfig({}, KNOWN_ENGINES));
});
