import { deepStrictEqual as deepEqual } from "node:assert/strict";
import { type ProgressTarget, terminalProgress } from "../../models/progress.ts";

function target(isTerminal: boolean): ProgressTarget & { readonly written: string[] } {
  const written: string[] = [];
  const writeSync = (bytes: Uint8Array) => written.push(new TextDecoder().decode(bytes));
  return { written, isTerminal: () => isTerminal, writeSync };
}

Deno.test("progress is a line for every quarter where lines cannot be redrawn", () => {
  const out = target(false);
  const { update, end } = terminalProgress(out);

  for (let mb = 1; mb <= 8; mb++) update("tiny", mb * 1e6, 8e6);
  end();

  deepEqual(out.written, [
    "Fetching tiny: 1.0 of 8.0 MB (0 %)\n",
    "Fetching tiny: 2.0 of 8.0 MB (25 %)\n",
    "Fetching tiny: 4.0 of 8.0 MB (50 %)\n",
    "Fetching tiny: 6.0 of 8.0 MB (75 %)\n",
    "Fetching tiny: 8.0 of 8.0 MB (100 %)\n",
  ]);
});

Deno.test("progress redraws one line on a terminal, and ends it when the fetch breaks off", () => {
  const out = target(true);
  const { update, end } = terminalProgress(out);

  update("tiny", 1e6, 2e6);
  end();

  deepEqual(out.written, ["\r\x1b[KFetching tiny: 1.0 of 2.0 MB (50 %)", "\n"]);
});
