import { isIP } from "node:net";

import ipaddr from "ipaddr.js";

/** Azure's platform address: it is in a public range, but leads into the machine's own network. */
const privateAddresses: ReadonlySet<string> = new Set(["168.63.129.16"]);

/** The public range of IPv6: global unicast. Tunnels and translations inside it are separate ranges of ipaddr.js. */
const globalUnicast: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse("2000::"), 3];

/**
 * Whether an address belongs to the public internet. All addresses that can lead into this machine, its network or its
 * cloud are not public: loopback, private, link-local with the metadata services, carrier NAT, multicast, reserved,
 * unspecified, and every IPv6 address that contains an IPv4 address (mapped, compatible, NAT64, 6to4, Teredo), even a
 * public one. The ranges are those of the IANA special-purpose registries, as implemented by ipaddr.js.
 *
 * @param address as the resolver returns it, without brackets; an address with a scope (`%eth0`) is never public
 */
export function isPublicAddress(address: string): boolean {
  // ipaddr.js alone also accepts the forms of inet_aton: "1.2.3", "0x7f.1".
  if (address.includes("%") || isIP(address) === 0) return false;
  const parsed = ipaddr.parse(address);
  if (parsed instanceof ipaddr.IPv6 && !parsed.match(globalUnicast)) return false;
  return parsed.range() === "unicast" && !privateAddresses.has(parsed.toString());
}
