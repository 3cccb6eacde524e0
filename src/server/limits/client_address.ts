import { BlockList, isIPv6 } from "node:net";

/** Proxies whose word on where a request comes from is believed. */
export interface TrustedProxies {
  /** Whether an address is one of theirs. */
  includes(address: string): boolean;
}

/** Makes it of addresses and networks such as `10.0.0.0/8` or `::1`. */
export function trustProxies(entries: readonly string[]): TrustedProxies {
  const list = new BlockList();
  for (const entry of entries) {
    const [address = "", bits] = entry.split("/");
    const family = isIPv6(address) ? "ipv6" : "ipv4";
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return {
    includes: (address) => list.check(address, isIPv6(address) ? "ipv6" : "ipv4"),
  };
}

/**
 * Where a request comes from: the peer of the connection, or, where that is a trusted proxy, the last address in
 * `X-Forwarded-For` that is none. What stands before that anybody may have written.
 *
 * @param peer Address of the connection's other end.
 */
export function clientAddress(
  peer: string,
  forwardedFor: string | null,
  proxies: TrustedProxies,
): string {
  const hops = (forwardedFor ?? "").split(",").map((hop) => hop.trim()).filter((hop) => hop !== "");
  let address = peer;
  while (hops.length > 0 && proxies.includes(address)) address = hops.pop()!;
  return address;
}
