import { match, strictEqual as equal, throws } from "node:assert/strict";
import { replaceVariables } from "../../docs/variables.ts";

const page = [
  "# Page",
  "<!-- variables: written by `deno task docs` from src/config.ts -->",
  "old",
  "<!-- end of variables -->",
  "the rest",
].join("\n");

Deno.test("replaceVariables() puts the table in place of the old one, and leaves the rest of the page", () => {
  const written = replaceVariables(page, [{ name: "PORT", unset: "`8000`", meaning: "a | b" }]);

  match(written, /^# Page\n/);
  match(written, /\| `PORT` \| `8000` \| a \\\| b \|/);
  match(written, /\nthe rest$/);
  equal(written.includes("old"), false);
});

Deno.test("replaceVariables() may be done again", () => {
  const variables = [{ name: "PORT", unset: "", meaning: "port" }];

  const once = replaceVariables(page, variables);

  equal(replaceVariables(once, variables), once);
});

Deno.test("replaceVariables() refuses a page that says not where the table goes", () => {
  throws(() => replaceVariables("# Page", []), TypeError);
});
