// Writes what the code knows into the pages beside this file: `deno task docs`.
import { fileURLToPath } from "node:url";
import { DESCRIBED_VARIABLES } from "@/config.ts";
import { describeApi } from "@/server/openapi/document.ts";
import { readAlerts, replaceAlerts } from "./alerts.ts";
import { format } from "./format.ts";
import { writeReference } from "./reference.ts";
import { replaceVariables } from "./variables.ts";

const inDocs = (name: string) => fileURLToPath(new URL(name, import.meta.url));

await Deno.writeTextFile(inDocs("realtime.md"), await format(writeReference(describeApi([]))));

const operations = inDocs("operations.md");
const alerts = readAlerts(await Deno.readTextFile(inDocs("../deploy/prometheus/alerts.yml")));
const page = replaceVariables(await Deno.readTextFile(operations), DESCRIBED_VARIABLES);
await Deno.writeTextFile(operations, await format(replaceAlerts(page, alerts)));
