import { match, strictEqual as equal, throws } from "node:assert/strict";
import { readAlerts, replaceAlerts } from "../../docs/alerts.ts";

const rules = `
groups:
  - name: a
    rules:
      - alert: Gone
        expr: up == 0
        for: 1m
        labels: { severity: page }
        annotations: { summary: it is gone }
      - alert: Slow
        expr: lag{kind=~"a|b"} > 1
        labels: { severity: ticket }
        annotations: { summary: it is slow }
`;

const page = ["page", "ticket"].flatMap((severity) => [
  `<!-- ${severity}: written by \`deno task docs\` from deploy/prometheus/alerts.yml -->`,
  "old",
  `<!-- end of ${severity} -->`,
]).join("\n");

Deno.test("replaceAlerts() puts each alert into the table of its severity, with how long it must hold", () => {
  const [first = "", second = ""] = replaceAlerts(page, readAlerts(rules)).split("end of page");

  match(first, /\| `Gone` \| it is gone \| `up == 0` for 1m \|/);
  match(second, /\| `Slow` \| it is slow \| `lag\{kind=~"a\\\|b"\} > 1` \|/);
  equal(/old|Slow/.test(first) || /old|Gone/.test(second), false);
});

Deno.test("readAlerts() refuses an alert whose severity nobody knows, and one that says not what it means", () => {
  throws(() => readAlerts(rules.replace("severity: page", "severity: loud")));
  throws(() => readAlerts(rules.replace("summary: it is gone", "description: it is gone")));
});
