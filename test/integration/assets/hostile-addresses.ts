import type { AddressCase } from "./open-address-network.js";

/** Addresses that a film's worker may not connect to, as IPv4. */
const places4: Readonly<Record<string, readonly string[]>> = {
  loopback: ["127.0.0.1", "127.0.0.53", "127.255.255.254"],
  unspecified: ["0.0.0.0", "0.1.2.3"],
  private: ["10.0.0.1", "172.16.0.1", "172.31.255.254", "192.168.1.1"],
  "link-local": ["169.254.1.1", "169.254.169.254"],
  "clouds' metadata and platform": ["168.63.129.16", "100.100.100.200", "192.0.0.192"],
  "carrier NAT": ["100.64.0.1", "100.127.255.254"],
  multicast: ["224.0.0.1", "239.255.255.250"],
  broadcast: ["255.255.255.255"],
  reserved: ["240.0.0.1", "192.0.0.8", "192.88.99.1"],
  documentation: ["192.0.2.1", "198.51.100.7", "203.0.113.9"],
  benchmarking: ["198.18.0.1", "198.19.255.254"],
};

const places6: Readonly<Record<string, readonly string[]>> = {
  loopback: ["::1"],
  unspecified: ["::"],
  "unique local": ["fc00::1", "fd12:3456:789a::1"],
  "clouds' metadata": ["fd00:ec2::254", "fd20:ce::254"],
  "link-local": ["fe80::1"],
  "site-local": ["fec0::1"],
  multicast: ["ff02::1", "ff0e::1"],
  documentation: ["2001:db8::1", "3fff::1"],
  discard: ["100::1"],
  mapped: ["::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:10.0.0.1", "::ffff:93.184.216.34"],
  compatible: ["::127.0.0.1", "::10.0.0.1"],
  translated: ["::ffff:0:127.0.0.1"],
  NAT64: ["64:ff9b::127.0.0.1", "64:ff9b::169.254.169.254", "64:ff9b:1::a00:1"],
  "6to4": ["2002:7f00:1::1", "2002:a9fe:a9fe::1"],
  Teredo: ["2001:0:7f00:1::1"],
  ORCHID: ["2001:20::1"],
};

/** Other notations of private addresses. The URL parser normalises most of them. */
const odd: Readonly<Record<string, string>> = {
  decimal: "http://2130706433:{port}",
  "decimal of the metadata": "http://2852039166:{port}",
  octal: "http://0177.0.0.1:{port}",
  "octal with many zeros": "http://00000177.0.0.1:{port}",
  hexadecimal: "http://0x7f.0x0.0x0.0x1:{port}",
  "hexadecimal in one": "http://0x7f000001:{port}",
  short: "http://127.1:{port}",
  "shorter still": "http://0:{port}",
  "short and hexadecimal": "http://0x7f.1:{port}",
  mixed: "http://0x7f.0.01:{port}",
  "mixed, of the metadata": "http://0xa9.254.0251.254:{port}",
  "trailing dot": "http://127.0.0.1.:{port}",
  "fullwidth digits": "http://１２７.０.０.１:{port}",
  "circled digits": "http://①②⑦.⓪.⓪.①:{port}",
  "ideographic full stops": "http://127。0。0。1:{port}",
  "percent-encoded": "http://%31%32%37.0.0.1:{port}",
  "percent-encoded dots": "http://127%2e0%2e0%2e1:{port}",
  "with a soft hyphen": "http://127.0.0\u00ad.1:{port}",
  "with tabs": "ht\ttp://127.0.\t0.1:{port}",
  "with newlines": "http://127.0\n.0.1\r:{port}",
  "with many slashes": "http:////127.0.0.1:{port}",
  "with backslashes": "http:\\\\127.0.0.1:{port}",
  "in capitals": "HTTP://0X7F.1:{port}",
  "mapped, in hexadecimal": "http://[::ffff:7f00:1]:{port}",
  "mapped, written out": "http://[0:0:0:0:0:ffff:127.0.0.1]:{port}",
  "loopback, written out": "http://[0000:0000:0000:0000:0000:0000:0000:0001]:{port}",
};

/** Names, and what the resolver says of them. */
const names: Readonly<Record<string, AddressCase["answers"]>> = {
  localhost: { localhost: [["127.0.0.1", "::1"]] },
  "localhost.": { localhost: [["127.0.0.1"]] },
  LOCALHOST: { localhost: [["127.0.0.1"]] },
  "media.localhost": { "media.localhost": [["127.0.0.1"]] },
  "localhost.localdomain": { "localhost.localdomain": [["127.0.0.1"]] },
  "metadata.google.internal": { "metadata.google.internal": [["169.254.169.254"]] },
  "127.0.0.1.nip.example": { "127.0.0.1.nip.example": [["127.0.0.1"]] },
  "7f000001.nip.example": { "7f000001.nip.example": [["127.0.0.1"]] },
  "cname.example.net": { "cname.example.net": [["cname:inside.corp"]], "inside.corp": [["10.0.0.1"]] },
  "metadata-by-cname.example.net": {
    "metadata-by-cname.example.net": [["cname:metadata.google.internal"]],
    "metadata.google.internal": [["169.254.169.254"]],
  },
  "mixed-4.example.net": { "mixed-4.example.net": [["93.184.216.34", "10.0.0.1"]] },
  "mixed-6.example.net": { "mixed-6.example.net": [["93.184.216.34", "::1"]] },
  "mixed-mapped.example.net": { "mixed-mapped.example.net": [["2606:4700::1", "::ffff:127.0.0.1"]] },
  "last-of-many.example.net": {
    "last-of-many.example.net": [["93.184.216.34", "93.184.216.35", "93.184.216.36", "169.254.169.254"]],
  },
  "xn--mnchen-3ya.example.net": { "xn--mnchen-3ya.example.net": [["192.168.0.1"]] },
};

/** Addresses that are not permitted in any reading. The list of allowed hosts contains the host that they imitate. */
const tricks: Readonly<Record<string, string>> = {
  "a user name that looks like a host": "http://media.example.net@127.0.0.1:{port}",
  "a password that looks like a port": "http://media.example.net:80@127.0.0.1:{port}",
  "an encoded at": "http://media.example.net%40127.0.0.1:{port}",
  "two ats": "http://a@media.example.net@127.0.0.1:{port}",
  "a backslash before the at": "http://127.0.0.1:{port}\\@media.example.net",
  "a fragment before the at": "http://127.0.0.1:{port}#@media.example.net",
  "a query before the at": "http://127.0.0.1:{port}?@media.example.net",
  "the host as a lower domain": "http://media.example.net.evil.example:{port}",
  "the host as an end": "http://evilmedia.example.net:{port}",
  "a scoped address": "http://[fe80::1%25eth0]:{port}",
  "a scope on loopback": "http://[::1%25lo]:{port}",
  "a zone without encoding": "http://[fe80::1%eth0]:{port}",
  "an address of IPv6 without brackets": "http://::1:{port}",
  "a dot leader": "http://media.example\u2024net.evil.example:{port}",
  "five numbers": "http://127.0.0.1.1:{port}",
  "a number too large": "http://4294967297:{port}",
  "a null byte": "http://127.0.0.1%00.media.example.net:{port}",
  "a space": "http://127.0.0.1 .media.example.net:{port}",
  "another port": "http://media.example.net:1",
  "no host": "http:///",
  "file:": "file:///etc/passwd",
  "file: with a host": "file://127.0.0.1/etc/passwd",
  "gopher:": "gopher://127.0.0.1:{port}/_GET",
  "ftp:": "ftp://127.0.0.1:{port}",
  "data:": "data:image/png;base64,AAAA",
  "javascript:": "javascript:fetch('http://127.0.0.1:{port}')",
  "blob:": "blob:http://127.0.0.1:{port}/a",
  "view-source:": "view-source:http://127.0.0.1:{port}",
  "jar:": "jar:http://127.0.0.1:{port}!/a",
  "no scheme": "//127.0.0.1:{port}",
};
const pretended = ["media.example.net", "media.example.net:{port}", "evil.example:{port}"];

function hostOf(url: string): string[] {
  const filled = url.replaceAll("{port}", "65000");
  return URL.canParse(filled) ? [new URL(filled).host.replaceAll("65000", "{port}")] : [];
}

/** Puts the host on the list of allowed hosts, so that only its address can be the reason of a rejection. */
function addressed(name: string, url: string, answers: AddressCase["answers"] = {}): AddressCase {
  return { name, url: `${url}/{path}`, allowed: hostOf(url), answers };
}

function flatten(kinds: Readonly<Record<string, readonly string[]>>): readonly (readonly [string, string])[] {
  return Object.entries(kinds).flatMap(([kind, addresses]) =>
    addresses.map((address) => [kind, address] as const),
  );
}

const nameOf = (address: string): string => `of-${address.replaceAll(/[^\da-f]/g, "-")}.example.net`;
const literal = (address: string): string => (address.includes(":") ? `[${address}]` : address);
const places = [...flatten(places4), ...flatten(places6)];

/** Each has a host on the list, and leads to a place that is not public. */
export const privateCases: readonly AddressCase[] = [
  ...places.map(([kind, address]) => addressed(`${kind}: ${address}`, `http://${literal(address)}:{port}`)),
  ...places.map(([kind, address]) =>
    addressed(`a name of ${kind}: ${address}`, `http://${nameOf(address)}:{port}`, {
      [nameOf(address)]: [[address]],
    }),
  ),
  ...Object.entries(odd).map(([name, url]) => addressed(name, url)),
  ...Object.entries(names).map(([name, answers]) =>
    addressed(`the name ${name}`, `http://${name}:{port}`, answers),
  ),
];

/** Refused for what they are, before any connection. */
export const trickCases: readonly AddressCase[] = Object.entries(tricks).map(([name, url]) => ({
  name,
  url: url.endsWith("{port}") ? `${url}/{path}` : url,
  allowed: pretended,
  answers: { "media.example.net": [["93.184.216.34"]], "evil.example": [["127.0.0.1"]] },
}));

/** Names that change their mind between two connections for one file. */
export const rebindingCases: readonly AddressCase[] = places.map(([kind, address]) => {
  const name = nameOf(address).replace("of-", "rebound-");
  const before = address.includes(":") ? "2606:4700::1" : "93.184.216.34";
  return {
    name: `${kind}: ${address}`,
    url: `http://${name}:{port}/{path}`,
    allowed: [`${name}:{port}`],
    answers: { [name]: [[before], [address]] },
    serve: "half",
  };
});

/** Public addresses, each with the IP address that serves the file. */
export const publicCases: readonly (AddressCase & { readonly at: string })[] = [
  { ...addressed("an address of IPv4", "http://93.184.216.34:{port}"), at: "93.184.216.34" },
  { ...addressed("an address of IPv6", "http://[2606:4700::1]:{port}"), at: "2606:4700::1" },
  { ...addressed("odd notation", "http://0x5db8d822:{port}"), at: "93.184.216.34" },
  {
    ...addressed("a name", "http://public.example.net:{port}", { "public.example.net": [["93.184.216.34"]] }),
    at: "93.184.216.34",
  },
  {
    ...addressed("a name of IPv6", "http://public6.example.net:{port}", {
      "public6.example.net": [["2606:4700::1"]],
    }),
    at: "2606:4700::1",
  },
  {
    ...addressed("a name by another", "http://alias.example.net:{port}", {
      "alias.example.net": [["cname:public7.example.net"]],
      "public7.example.net": [["93.184.216.34"]],
    }),
    at: "93.184.216.34",
  },
];

export const redirected = (cases: readonly AddressCase[]): readonly AddressCase[] =>
  cases.map((one) => ({ ...one, name: `by a redirect, ${one.name}`, redirected: true }));
