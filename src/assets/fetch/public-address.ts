import { isIP } from "node:net";

import ipaddr from "ipaddr.js";

/** Azure's platform address: a public one by its number, answered inside the machine's own network. */
const refusedAddresses: ReadonlySet<string> = new Set(["168.63.129.16"]);

/** Of IPv6 only global unicast (2000::/3) is public; tunnels and translations inside it are ranges of their own. */
const globalUnicast: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse("2000::"), 3];

/**
 * True for an address of the open internet. False for everything that can reach into this machine, its network or
 * its cloud: loopback, private, link-local with the metadata services, carrier NAT, multicast, reserved,
 * unspecified, and every IPv6 form that wraps an IPv4 address (mapped, compatible, NAT64, 6to4, Teredo), also
 * around a public one. Ranges are those of the IANA special-purpose registries, as ipaddr.js has them.
 *
 * @param address as the resolver gives it, without brackets; a scope (`%eth0`) is never public
 */
export function isPublicAddress(address: string): boolean {
  // ipaddr.js alone also takes what inet_aton takes: "1.2.3", "0x7f.1".
  if (address.includes("%") || isIP(address) === 0) return false;
  const parsed = ipaddr.parse(address);
  if (parsed instanceof ipaddr.IPv6 && !parsed.match(globalUnicast)) return false;
  return parsed.range() === "unicast" && !refusedAddresses.has(parsed.toString());
}
