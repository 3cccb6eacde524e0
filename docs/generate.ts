// Writes `realtime.md`, beside this file: `deno task docs`.
import { fileURLToPath } from "node:url";
import { describeApi } from "@/server/openapi/document.ts";
import { format } from "./format.ts";
import { writeReference } from "./reference.ts";

const text = await format(writeReference(describeApi([])));
await Deno.writeTextFile(fileURLToPath(new URL("realtime.md", import.meta.url)), text);
