import { readFile } from "node:fs/promises";

import { expect, it } from "vitest";

interface LockEntry {
  readonly version: string;
  readonly integrity?: string;
}

it("names a hash of every package, for running Keepsake and for its development, on each system", async () => {
  const { packages } = JSON.parse(await readFile("package-lock.json", "utf8")) as {
    packages: Readonly<Record<string, LockEntry>>;
  };
  const installed = Object.entries(packages).filter(([place]) => place !== "");
  expect(installed.length).toBeGreaterThan(300);
  const without = installed.filter(
    ([, { integrity = "" }]) => !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity),
  );
  expect(without.map(([place, { version }]) => `${place} ${version}`)).toEqual([]);
});

it("runs no package's install script", async () => {
  expect(await readFile(".npmrc", "utf8")).toMatch(/^ignore-scripts=true$/m);
});
