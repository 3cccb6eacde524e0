import { strictEqual as equal } from "node:assert/strict";
import { refuseOrigin } from "@/realtime/caller.ts";
import { refusals } from "@/telemetry/metrics.ts";

async function refused(): Promise<number> {
  const { values } = await refusals.get();
  return values.find(({ labels }) => labels.reason === "origin_not_allowed")?.value ?? 0;
}

Deno.test("a page of another site is refused with 403, and counted; one of a listed site is not", async () => {
  const headers = new Headers({ origin: "https://a.example", host: "server.example" });
  const before = await refused();

  const response = refuseOrigin(headers, []);

  equal(response?.status, 403);
  equal((await response?.json()).error.code, "origin_not_allowed");
  equal(await refused(), before + 1);
  equal(refuseOrigin(headers, ["https://a.example"]), undefined);
  equal(await refused(), before + 1);
});
