import { match, strictEqual as equal } from "node:assert/strict";
import { CLIENT_EVENTS } from "@/realtime/client_events.ts";
import { SERVER_EVENTS } from "@/realtime/server_events.ts";
import { describeApi } from "@/server/openapi/document.ts";
import { format } from "../../docs/format.ts";
import { writeReference } from "../../docs/reference.ts";

const page = await Deno.readTextFile(new URL("../../docs/realtime.md", import.meta.url));

Deno.test("docs/realtime.md is current: otherwise, run deno task docs", async () => {
  equal(page, await format(writeReference(describeApi([]))));
});

Deno.test("the reference has a section of every event", () => {
  for (const type of [...Object.keys(CLIENT_EVENTS), ...Object.keys(SERVER_EVENTS)]) {
    match(page, new RegExp(`^### ${type.replaceAll(".", "\\.")}$`, "m"));
  }
});

Deno.test("the reference says of a field what it is, when it is there and what it means", () => {
  const row = (path: string) => page.split("\n").find((line) => line.startsWith(`| \`${path}\``));

  match(row("content_index") ?? "", /`integer ≥ 0`/);
  match(row("part.transcript") ?? "", /`string` +\| Of audio\./);
  match(
    row("audio.input.turn_detection.threshold") ?? "",
    /`number 0 to 1` +\| Optional\. Of server_vad\. Probability.* Default: 0\.5\./,
  );
  match(row("previous_item_id") ?? "", /`string \\\| null` +\| Optional\./);
});
