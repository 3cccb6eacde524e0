import { strictEqual as equal } from "node:assert/strict";
import { clientAddress, trustProxies } from "@/server/limits/client_address.ts";

const proxies = trustProxies(["10.0.0.0/8", "192.0.2.7", "fd00::/8"]);

for (
  const [what, peer, forwarded, expected] of [
    ["a peer is believed to be itself", "203.0.113.5", null, "203.0.113.5"],
    ["what a stranger forwards is not believed", "203.0.113.5", "1.2.3.4", "203.0.113.5"],
    ["a proxy's word is", "10.1.2.3", "203.0.113.5", "203.0.113.5"],
    [
      "of several only the last that is no proxy",
      "10.1.2.3",
      "6.6.6.6, 203.0.113.5",
      "203.0.113.5",
    ],
    ["proxies before proxies", "192.0.2.7", "6.6.6.6, 203.0.113.5, 10.9.9.9", "203.0.113.5"],
    ["a proxy that forwards nothing", "10.1.2.3", null, "10.1.2.3"],
    ["nothing but proxies", "10.1.2.3", "10.0.0.1, 10.0.0.2", "10.0.0.1"],
    ["IPv6", "fd00::1", "2001:db8::5", "2001:db8::5"],
    ["garbage from a proxy", "10.1.2.3", "unknown", "unknown"],
  ] as const
) {
  Deno.test(`where a request comes from: ${what}`, () => {
    equal(clientAddress(peer, forwarded, proxies), expected);
  });
}
