import { deepStrictEqual as deepEqual, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { parse } from "yaml";
import { readAlerts } from "../../docs/alerts.ts";
import { readSources } from "../docs/sources.ts";
import { readInstruments } from "./instruments.ts";

const deploy = join(import.meta.dirname!, "../../deploy");
const alerts = readAlerts(await Deno.readTextFile(join(deploy, "prometheus/alerts.yml")));

/** Labels that Prometheus itself gives. */
const OF_PROMETHEUS = ["instance", "job", "le"];

Deno.test("the alerts ask for metrics, labels and values that there are", async () => {
  const sources = await readSources();
  const instruments = await readInstruments();

  for (const { expr } of alerts) {
    const selectors = [...expr.matchAll(/\b((?:chatai|process)_\w+)(?:\{(\w+)=~?"([\w|]+)"\})?/g)];
    const labels = selectors.flatMap(([, name = ""]) => [...instruments.get(name) ?? []]);
    for (const [selector, name = "", label, values] of selectors) {
      ok(instruments.has(name), selector);
      if (label === undefined) continue;
      ok(instruments.get(name)!.includes(label), selector);
      for (const value of values!.split("|")) {
        match(sources, new RegExp(`\\b${value}\\b`), selector);
      }
    }
    const kept = [...expr.matchAll(/\bby \(([\w, ]+)\)/g)].flatMap(([, list]) => list!.split(", "));
    deepEqual(kept.filter((label) => ![...labels, ...OF_PROMETHEUS].includes(label)), [], expr);
  }
  ok(alerts.length >= 15);
});

Deno.test("Prometheus reads the alerts, under the name that it finds them by", async () => {
  const { rule_files, scrape_configs } = parse(
    await Deno.readTextFile(join(deploy, "prometheus/prometheus.yml")),
  );

  deepEqual(rule_files, ["alerts.yml"]);
  for (const [, job] of alerts.flatMap(({ expr }) => [...expr.matchAll(/job="(\w+)"/g)])) {
    ok(
      scrape_configs.some((each: { readonly job_name: string }) => each.job_name === job),
      `no job ${job}`,
    );
  }
});

Deno.test("an instance counts as gone where fewer answer than the compose file starts", async () => {
  const { services } = parse(await Deno.readTextFile(join(deploy, "compose.yaml")));

  const gone = alerts.find(({ alert }) => alert === "ChataiInstanceGone");

  match(gone?.expr ?? "", new RegExp(` < ${services.chatai.deploy.replicas}$`));
});
