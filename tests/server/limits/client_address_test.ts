import { strictEqual as equal } from "node:assert/strict";
import { clientAddress, networkOf, trustProxies } from "@/server/limits/client_address.ts";

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
    ["IPv4 as a dual-stack socket shows it", "::ffff:203.0.113.5", null, "203.0.113.5"],
    ["a proxy on a dual-stack socket", "::ffff:10.1.2.3", "::ffff:cb00:7105", "203.0.113.5"],
    ["a port is no part of it", "10.1.2.3", "203.0.113.5:4711", "203.0.113.5"],
    ["brackets neither", "10.1.2.3", "[2001:db8::5]", "2001:db8::5"],
    ["nor both", "10.1.2.3", "[2001:db8::5]:4711", "2001:db8::5"],
    ["nor the zone", "fe80::1%eth0", null, "fe80::1"],
    ["a proxy whose word is no address", "10.1.2.3", "203.0.113.5, unknown", "10.1.2.3"],
    ["behind another one", "10.1.2.3", "nonsense, 10.9.9.9", "10.9.9.9"],
    ["an address of too many parts", "10.1.2.3", "1.2.3.4.5:6", "10.1.2.3"],
  ] as const
) {
  Deno.test(`where a request comes from: ${what}`, () => {
    equal(clientAddress(peer, forwarded, proxies), expected);
  });
}

for (
  const [address, expected] of [
    ["203.0.113.5", "203.0.113.5"],
    ["2001:db8:0:1:2:3:4:5", "2001:db8:0:1::/64"],
    ["2001:DB8:0:1::", "2001:db8:0:1::/64"],
    ["2001:db8::5", "2001:db8:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
    ["", ""],
  ] as const
) {
  Deno.test(`limits count "${address}" as "${expected}"`, () => {
    equal(networkOf(address), expected);
  });
}
