import { deepStrictEqual as deepEqual } from "node:assert/strict";
import { loadConfig } from "@/config.ts";
import { KNOWN_ENGINES } from "@/server/engines.ts";
import { createLimits } from "@/server/limits/limits.ts";

Deno.test("limits count a subject where there is one, else where it comes from, by the network", async () => {
  using kv = await Deno.openKv(":memory:");
  const { limits } = loadConfig({ TRUSTED_PROXIES: "10.0.0.0/8" }, KNOWN_ENGINES);
  const { callerOf } = createLimits(limits, kv);
  const from = (subject: string, forwarded: string) =>
    callerOf({ subject, peer: "10.1.2.3", headers: new Headers({ "x-forwarded-for": forwarded }) });

  const callers = [
    from("anna", "203.0.113.5"),
    from("anonymous", "203.0.113.5:1111"),
    from("anonymous", "203.0.113.5:2222"),
    from("anonymous", "2001:db8::1"),
    from("anonymous", "[2001:db8::2]:443"),
  ];

  deepEqual(callers, [
    "anna",
    "203.0.113.5",
    "203.0.113.5",
    "2001:db8:0:0::/64",
    "2001:db8:0:0::/64",
  ]);
});
