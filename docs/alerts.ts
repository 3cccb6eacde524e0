import { parse } from "yaml";
import { z } from "zod";
import { replacePart, writeTable } from "./part.ts";

/** How soon somebody should look: at once, or in the morning. */
const Severity = z.enum(["page", "ticket"]);

const AlertRule = z.strictObject({
  alert: z.string(),
  expr: z.string(),
  for: z.string().optional(),
  labels: z.strictObject({ severity: Severity }),
  annotations: z.strictObject({ summary: z.string() }),
});

const RuleFile = z.strictObject({
  groups: z.array(z.strictObject({ name: z.string(), rules: z.array(AlertRule) })),
});

/** What Prometheus tells somebody of. */
export type AlertRule = z.infer<typeof AlertRule>;

/**
 * Reads the alerts of a rule file.
 *
 * @throws {z.ZodError} If one lacks something, or has what Prometheus does not know.
 */
export function readAlerts(yaml: string): readonly AlertRule[] {
  return RuleFile.parse(parse(yaml)).groups.flatMap(({ rules }) => rules);
}

/** Replaces the tables of alerts in a page of Markdown, one a severity, each between two comments. */
export function replaceAlerts(page: string, alerts: readonly AlertRule[]): string {
  return Severity.options.reduce((written, severity) => {
    const rows = alerts
      .filter(({ labels }) => labels.severity === severity)
      .map(({ alert, expr, annotations, ...rule }) => [
        `\`${alert}\``,
        annotations.summary,
        `\`${expr}\`${rule.for === undefined ? "" : ` for ${rule.for}`}`,
      ]);
    const part = {
      begin:
        `<!-- ${severity}: written by \`deno task docs\` from deploy/prometheus/alerts.yml -->`,
      end: `<!-- end of ${severity} -->`,
    };
    return replacePart(written, part, writeTable(["alert", "meaning", "PromQL"], rows));
  }, page);
}
