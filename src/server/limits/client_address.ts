import { BlockList, isIPv4, isIPv6 } from "node:net";

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
 * `X-Forwarded-For` that is none. What stands before that anybody may have written. A proxy that forwards
 * something else than an address, e.g. `unknown`, is taken for the caller itself.
 *
 * @param peer Address of the connection's other end.
 */
export function clientAddress(
  peer: string,
  forwardedFor: string | null,
  proxies: TrustedProxies,
): string {
  const hops = (forwardedFor ?? "").split(",").map((hop) => hop.trim()).filter((hop) => hop !== "");
  let address = readAddress(peer) ?? peer;
  while (hops.length > 0 && proxies.includes(address)) {
    const hop = readAddress(hops.pop()!);
    if (hop === undefined) return address;
    address = hop;
  }
  return address;
}

/**
 * What limits count an address as. Whoever has IPv6 has a network of 2^64 addresses, and may use a new one for
 * every connection: the network counts, e.g. `2001:db8:0:1::/64`.
 */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  return `${hextetsOf(address).slice(0, 4).map((each) => each.toString(16)).join(":")}::/64`;
}

/** An address as it is written in headers, with brackets or a port where a proxy adds them; else `undefined`. */
function readAddress(text: string): string | undefined {
  const [, bracketed] = /^\[(.*)\](?::\d+)?$/.exec(text) ?? [];
  const [, beforePort] = /^([\d.]+):\d+$/.exec(text) ?? [];
  const address = (bracketed ?? beforePort ?? text).replace(/%.*$/, ""); // without the zone
  if (isIPv4(address)) return address;
  return isIPv6(address) ? unmapped(address) : undefined;
}

/** The IPv4 address that `::ffff:1.2.3.4` stands for, which is how dual-stack sockets show it. */
function unmapped(address: string): string {
  const hextets = hextetsOf(address);
  const mapped = hextets.slice(0, 5).every((each) => each === 0) && hextets[5] === 0xffff;
  if (!mapped) return address;
  return hextets.slice(6).flatMap((each) => [each >> 8, each & 0xff]).join(".");
}

/** The eight groups of an IPv6 address. */
function hextetsOf(address: string): number[] {
  const { hostname } = new URL(`http://[${address}]`); // which writes an IPv4 end as two groups
  const [head, tail] = hostname.slice(1, -1).split("::").map((half) =>
    half.split(":").filter((group) => group !== "").map((group) => parseInt(group, 16))
  );
  if (tail === undefined) return head!;
  return [...head!, ...Array<number>(8 - head!.length - tail.length).fill(0), ...tail];
}
