import { describe, expect, it } from "vitest";

import { isPublicAddress } from "../../../../dist/assets/fetch/public-address.js";

const refused: Record<string, readonly string[]> = {
  loopback: ["127.0.0.1", "127.0.0.53", "127.255.255.254", "::1", "0:0:0:0:0:0:0:1"],
  unspecified: ["0.0.0.0", "0.1.2.3", "::"],
  private: ["10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "fc00::1", "fd12:3456::1"],
  "link-local and metadata": ["169.254.169.254", "169.254.0.1", "fe80::1", "fe80::1%eth0", "fd00:ec2::254"],
  "platform services": ["168.63.129.16", "100.100.100.200", "192.0.0.192"],
  "carrier NAT": ["100.64.0.1", "100.127.255.255"],
  multicast: ["224.0.0.1", "239.255.255.250", "ff02::1", "ff0e::1"],
  "broadcast and reserved": ["255.255.255.255", "240.0.0.1", "192.0.2.1", "198.51.100.7", "203.0.113.9"],
  benchmarking: ["198.18.0.1", "198.19.255.255"],
  "IPv4 inside IPv6": [
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "::127.0.0.1",
    "::ffff:0:127.0.0.1",
    "64:ff9b::127.0.0.1",
    "64:ff9b::8.8.8.8",
    "64:ff9b:1::a00:1",
    "2002:7f00:1::1",
    "2002:808:808::1",
    "2001:0:7f00:1::1",
  ],
  "documentation and site-local": ["2001:db8::1", "fec0::1", "100::1"],
  "no address": ["", "localhost", "1.2.3", "1.2.3.4.5", "[::1]", "::g"],
};

const allowed = [
  "8.8.8.8",
  "1.1.1.1",
  "104.18.38.10",
  "172.15.255.255",
  "172.32.0.1",
  "2606:4700::6812:260a",
];

describe("isPublicAddress", () => {
  for (const [kind, addresses] of Object.entries(refused)) {
    it.each(addresses)(`rejects ${kind}: %s`, (address) => {
      expect(isPublicAddress(address)).toBe(false);
    });
  }

  it.each(allowed)("allows %s", (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });
});
