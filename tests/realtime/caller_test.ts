import { strictEqual as equal } from "node:assert/strict";
import { refuseOrigin } from "@/realtime/caller.ts";
import { refusals } from "@/telemetry/metrics.ts";

async function refused(): Promise<number> {
  const { values } = await refusals.get();
  return values.find(({ labels }) => labels.reason === "origin_not_allowed")?.value ?? 0;
}

function request(url: string, origin: string): Request {
  return new Request(url, { headers: { origin } });
}

Deno.test("a page of another site is refused with 403, and counted; one of a listed site is not", async () => {
  const foreign = request("https://server.example/v1/models", "https://a.example");
  const before = await refused();

  const response = refuseOrigin(foreign, []);

  equal(response?.status, 403);
  equal((await response?.json()).error.code, "origin_not_allowed");
  equal(await refused(), before + 1);
  equal(refuseOrigin(foreign, ["https://a.example"]), undefined);
  equal(await refused(), before + 1);
});

for (
  const [name, url, origin, allowed] of [
    ["a page of the server itself may ask", "http://a.example/", "http://a.example", true],
    ["nor does a proxy with TLS in between matter", "http://a.example/", "https://a.example", true],
    ["nor how the host is written", "http://A.Example:80/", "http://a.example", true],
    ["another port is another site", "http://a.example:8000/", "http://a.example", false],
    ["a longer name is another site", "http://a.example/", "http://a.example.evil", false],
    ["a page without an origin is of another site", "http://a.example/", "null", false],
  ] as const
) {
  Deno.test(`origins: ${name}`, () => {
    const response = refuseOrigin(request(url, origin), []);

    equal(response?.status, allowed ? undefined : 403);
  });
}
