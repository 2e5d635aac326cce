import { execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

import { expect, it } from "vitest";

const canCertify = spawnSync("openssl", ["version"]).status === 0;
const serverProgram = fileURLToPath(new URL("tls-server.mjs", import.meta.url));

/** An authority, and certificates by it: good, expired, for another host; and one by itself. */
async function certify(folder: string) {
  const at = (name: string) => path.join(folder, name);
  const openssl = (...args: (string | string[])[]): void =>
    void execFileSync("openssl", args.flat(), { cwd: folder, stdio: "pipe" });
  const ec = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  openssl("req", "-x509", ec, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=authority");
  openssl("req", ec, "-keyout", "key.pem", "-out", "request.pem", "-subj", "/CN=media");
  await writeFile(at("localhost"), "subjectAltName=DNS:localhost");
  await writeFile(at("elsewhere"), "subjectAltName=DNS:media.example.org");
  const sign = (name: string, host: string, days: string): void =>
    openssl(
      ["x509", "-req", "-in", "request.pem", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial"],
      ["-days", days, "-extfile", host, "-out", name],
    );
  sign("good", "localhost", "2");
  sign("expired", "localhost", "-1");
  sign("of another host", "elsewhere", "2");
  openssl(
    ["x509", "-req", "-in", "request.pem", "-signkey", "key.pem", "-days", "2"],
    ["-extfile", "localhost", "-out", "of nobody"],
  );
  const names = ["good", "expired", "of another host", "of nobody"];
  const pems = await Promise.all(names.map(async (name) => [name, await readFile(at(name), "utf8")]));
  return {
    ca: at("ca.pem"),
    key: await readFile(at("key.pem"), "utf8"),
    certificates: Object.fromEntries(pems),
  };
}

it.runIf(canCertify)(
  "accepts a server by its certificate alone, and never continues without TLS",
  async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "keepsake-certificates-"));
    const { ca, ...input } = await certify(folder);
    const child = spawn(process.execPath, [serverProgram], {
      env: { ...process.env, NODE_EXTRA_CA_CERTS: ca },
      stdio: ["pipe", "pipe", "pipe"],
    });
    child.stdin.end(JSON.stringify(input));
    const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
    await rm(folder, { recursive: true });
    expect(out, err).not.toBe("");
    const unreachable = (code: string) =>
      expect.stringMatching(
        new RegExp(`^media-unreachable: localhost:\\d+ could not be reached: ${code}\\.$`),
      );
    expect(JSON.parse(out)).toEqual({
      outcomes: {
        good: "fetched",
        "a redirect inside": "fetched",
        "a redirect to http": expect.stringMatching(
          /^media-address-refused: .* from https to http/,
        ) as string,
        expired: unreachable("CERT_HAS_EXPIRED") as string,
        "of another host": unreachable("ERR_TLS_CERT_ALTNAME_INVALID") as string,
        "of nobody": unreachable("DEPTH_ZERO_SELF_SIGNED_CERT") as string,
      },
      plainRequests: 0,
    });
  },
);

it.skipIf(canCertify)("cannot test certificates: openssl is missing", () => {
  expect(canCertify).toBe(false);
});
