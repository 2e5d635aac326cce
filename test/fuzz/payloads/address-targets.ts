import { BlockList, isIP } from "node:net";

import { checkUrl, type UrlRules } from "../../../dist/assets/fetch/check-url.js";
import { isPublicAddress } from "../../../dist/assets/fetch/public-address.js";
import { encodeObject } from "../../../dist/storage/object-path.js";
import { locateObjects } from "../../../dist/storage/locate-objects.js";
import type { Chance } from "../random.js";
import { mutateText } from "./mutate-value.js";
import { judgeAttempt, type Target } from "./target.js";

const projectUrl = "https://abc.supabase.co";
const rules: UrlRules = {
  // The settings are those of an operator who allows every address.
  allowedHosts: [
    "media.example.org",
    "*.example.net",
    "*.example.net:8443",
    "127.0.0.1",
    "[::1]",
    "[::ffff:a00:1]",
    "10.0.0.1",
    "169.254.169.254",
    "8.8.8.8",
  ],
  ownOrigin: projectUrl,
};

const references: readonly string[] = [
  "https://media.example.org/a.jpg",
  "https://a.example.net:8443/b/c.mp4?x=y#z",
  "https://abc.supabase.co/storage/v1/object/public/media/a%20b/c.jpg",
  "https://abc.supabase.co/storage/v1/object/sign/media/c.jpg?token=x",
  "https://abc.storage.supabase.co/storage/v1/object/media/d.jpg",
  "media/folder/e.jpg",
  "http://127.0.0.1/",
  "http://2130706433/",
  "http://0x7f.1/",
  "http://017700000001/",
  "http://[::ffff:127.0.0.1]/",
  "http://[::1]/",
  "http://169.254.169.254/latest/meta-data",
  "http://8.8.8.8/",
  "https://media.example.org@10.0.0.1/",
  "https://10.0.0.1\\@media.example.org/",
  "https://media.example.org。evil.com/",
  "HTTPS://MEDIA.EXAMPLE.ORG./a",
  "//media.example.org/a",
];
const pieces = [
  "@",
  "\\",
  "/",
  "//",
  "..",
  "%2e%2e",
  "%2f",
  "%00",
  "\t",
  "\n",
  ":80",
  ":8443",
  "#",
  "?",
  "[",
  "]",
  "。",
  "．",
  "ⓔ",
  "xn--",
  ".",
  "localhost",
  "10.0.0.1",
  "file:",
  "javascript:",
  "ftp:",
  "https:",
  "%",
];

function mutateReference(chance: Chance): string {
  let text = chance.pick(references);
  for (let count = 1 + chance.below(4); count > 0; count -= 1) {
    const at = chance.below(text.length + 1);
    text = chance.oneIn(5)
      ? mutateText(text, chance)
      : text.slice(0, at) + chance.pick(pieces) + text.slice(at + chance.below(3));
  }
  return text;
}

/** Written from the IANA registries of special addresses, apart from the code that is tested. */
const special = { ipv4: new BlockList(), ipv6: new BlockList() };
for (const subnet of `0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24
  192.0.2.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4
  ::/3 4000::/2 8000::/1 2001::/32 2001:db8::/32 2002::/16`.split(/\s+/)) {
  const [network = "", prefix] = subnet.split("/");
  const family = isIP(network) === 6 ? "ipv6" : "ipv4";
  special[family].addSubnet(network, Number(prefix), family);
}

function isSpecial(address: string): boolean {
  const family = isIP(address);
  if (family === 0) return true;
  return family === 6 ? special.ipv6.check(address, "ipv6") : special.ipv4.check(address, "ipv4");
}

export const urlTarget: Target = {
  name: "url",
  mutate: (chance) => {
    const base = chance.oneIn(3) ? new URL("https://a.example.net/x/y") : undefined;
    return { reference: mutateReference(chance), base };
  },
  judge: (value) => {
    const { reference, base } = value as { reference: string; base?: URL };
    return judgeAttempt(
      () => checkUrl(reference, rules, base),
      ["media-address-refused"],
      ({ url, publicOnly }) => {
        const host = url.hostname.replace(/^\[|\]$/g, "");
        const isOwn = url.origin === projectUrl;
        const isNamed = /^(media\.example\.org|[^/]+\.example\.net)\.?$/.test(host);
        return [
          ...(/^https?:$/.test(url.protocol) ? [] : [`lets in ${url.protocol}`]),
          ...(url.username === "" && url.password === "" ? [] : ["lets in a password"]),
          ...(isOwn || publicOnly ? [] : [`may go into a private network: ${url.host}`]),
          ...(isOwn || isNamed || isIP(host) !== 0 ? [] : [`lets in ${url.host}`]),
          ...(isOwn || isIP(host) === 0 || !isSpecial(host) ? [] : [`lets in the address ${host}`]),
        ];
      },
      { mayQuote: true },
    );
  },
};

export const addressTarget: Target = {
  name: "address",
  mutate: (chance) => {
    const word = (): string =>
      chance.pick(["0", "1", "ffff", "2001", "db8", "2002", "7f00", "a00", "64", "ff9b", "fe80", "fc00"]);
    const four = Array.from({ length: 4 }, () =>
      chance.pick([0, 1, 8, 10, 100, 127, 169, 172, 192, 168, 198, 203, 224, 254, 255, chance.below(256)]),
    ).join(".");
    const six = Array.from({ length: 8 }, word).join(":");
    return chance.pick([
      four,
      six,
      `::${word()}`,
      `::ffff:${four}`,
      `64:ff9b::${four}`,
      `2001:${word()}::${word()}`,
      `fe80::1%${word()}`,
      `2a00:${word()}::1`,
      mutateText(four, chance),
    ]);
  },
  judge: (value) =>
    judgeAttempt(
      () => isPublicAddress(value as string),
      [],
      (isPublic) => (isPublic && isSpecial(value as string) ? [`takes ${String(value)} for public`] : []),
    ),
};

export const objectTarget: Target = {
  name: "object",
  mutate: mutateReference,
  judge: (value) =>
    judgeAttempt(
      () => locateObjects(value as string, projectUrl),
      [],
      (objects) =>
        objects.flatMap((object) => {
          const prefix = "/storage/v1/object/authenticated/";
          const url = new URL(`${projectUrl}${prefix}${encodeObject(object)}`);
          const parts = url.pathname.slice(prefix.length).split("/").map(decodeURIComponent);
          return [
            ...(url.origin === projectUrl && url.pathname.startsWith(prefix) ? [] : [`leads to ${url.href}`]),
            ...(parts.join("/") === `${object.bucket}/${object.path}`
              ? []
              : [`another object: ${parts.join("/")}`]),
            ...(url.search === "" && url.hash === "" ? [] : ["a query"]),
          ];
        }),
    ),
};
