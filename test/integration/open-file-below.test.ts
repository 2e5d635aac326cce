import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { link, mkdir, mkdtemp, open, rename, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { createFetcher } from "../../dist/assets/fetch/create-fetcher.js";
import { openFileBelow } from "../../dist/files/open-file-below.js";

const { signal } = new AbortController();
let base = "";
let root = "";
beforeEach(async () => {
  base = await mkdtemp(path.join(tmpdir(), "keepsake-below-"));
  root = path.join(base, "capsule");
  await mkdir(path.join(root, "photos"), { recursive: true });
  await writeFile(path.join(root, "photos/a.jpg"), "a photo");
  await writeFile(path.join(base, "secret"), "a secret");
});
afterEach(() => rm(base, { recursive: true }));

async function read(relative: string): Promise<string> {
  const file = await openFileBelow(root, relative);
  if (typeof file === "string") return `! ${file}`;
  await using _ = file;
  return await file.readFile("utf8");
}

/** Fetches a file as `keepsake render` does. */
async function fetchLocal(reference: string, maxBytes = 1_000_000): Promise<unknown> {
  const fetcher = createFetcher({
    objects: null,
    allowedHosts: [],
    ownOrigin: null,
    relativeTo: root,
    limits: { maxBytes },
  });
  const target = path.join(base, `fetched-${randomUUID()}`);
  return await fetcher.fetch(reference, target, signal).then(
    ({ sizeBytes }) => sizeBytes,
    ({ code }: { code: string }) => code,
  );
}

describe("a file below a folder", () => {
  it.each([
    ["photos/a.jpg", "a photo"],
    ["./photos/../photos//a.jpg", "a photo"],
    ["../capsule/photos/a.jpg", "a photo"],
    ["../secret", "! outside"],
    ["photos/../../secret", "! outside"],
    ["..", "! outside"],
    [".", "! outside"],
    ["", "! outside"],
    ["/etc/passwd", "! outside"],
    ["photos/a.jpg\0", "! outside"],
    ["photos", "! no-file"],
    ["photos/", "! no-file"],
    ["photos/b.jpg", "! missing"],
    ["photos/a.jpg/b", "! missing"],
    ["x".repeat(5000), "! missing"],
  ])("%j is opened, or rejected with a reason: %s", async (relative, said) => {
    expect(await read(relative)).toBe(said);
  });

  it("is opened through a link that stays inside, and not through one that leads out", async () => {
    const links: readonly (readonly [string, string, string])[] = [
      ["inside", "photos/a.jpg", "a photo"],
      ["twice", "inside", "a photo"],
      ["out", "../secret", "! outside"],
      ["far", "/etc/hostname", "! outside"],
      ["through", "..", "! outside"],
      ["loop", "loop", "! missing"],
      ["nowhere", "nothing", "! missing"],
    ];
    for (const [name, target, said] of links) {
      await symlink(target, path.join(root, name));
      expect(await read(name), name).toBe(said);
    }
    expect(await read("through/secret")).toBe("! outside");
  });

  it("is not confused with a folder that has the same beginning", async () => {
    await mkdir(`${root}-other`);
    await writeFile(`${root}-other/a.jpg`, "another");
    expect(await read("../capsule-other/a.jpg")).toBe("! outside");
  });

  it("is rejected without waiting when it is a pipe, a socket or a device", async () => {
    execFileSync("mkfifo", [path.join(root, "pipe")]);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(path.join(root, "socket"), resolve));
    await symlink("/dev/zero", path.join(root, "zero"));
    expect(await read("pipe")).toBe("! no-file");
    expect(await read("socket")).toBe("! no-file");
    expect(await read("zero")).toBe("! outside");
    await new Promise((resolve) => void server.close(resolve));
  });

  it("is the file that was checked, even while it is swapped for a link that leads out", async () => {
    const swapped = path.join(root, "swapped");
    const [photo, trap] = [path.join(base, "photo"), path.join(base, "trap")];
    await symlink(path.join(base, "secret"), trap);
    await link(path.join(root, "photos/a.jpg"), photo);
    const done = new AbortController();
    const swap = async (): Promise<number> => {
      let count = 0;
      for (; !done.signal.aborted; count += 1) {
        const next = path.join(root, "next");
        await (count % 2 === 0 ? link(photo, next) : symlink(path.join(base, "secret"), next));
        await rename(next, swapped);
      }
      return count;
    };
    const swapping = swap();
    const said = new Map<string, number>();
    for (let count = 0; count < 1500; count += 1) {
      const text = await read("swapped");
      said.set(text, (said.get(text) ?? 0) + 1);
    }
    done.abort();
    expect(await swapping).toBeGreaterThan(100);
    expect([...said.keys()].filter((text) => text.includes("secret"))).toEqual([]);
    expect(said.get("a photo")).toBeGreaterThan(10);
    expect(said.get("! outside")).toBeGreaterThan(10);
  });
});

describe("a file of a capsule file", () => {
  it("is fetched, or rejected with a reason", async () => {
    expect(await fetchLocal("photos/a.jpg")).toBe(7);
    expect(await fetchLocal("../secret")).toBe("media-address-refused");
    expect(await fetchLocal("photos")).toBe("media-not-found");
    expect(await fetchLocal("photos/b.jpg")).toBe("media-not-found");
  });

  it("is rejected by its size before it is read", async () => {
    const huge = await open(path.join(root, "huge.mp4"), "w");
    await huge.truncate(1_000_000_000_000);
    await huge.close();
    expect(await fetchLocal("huge.mp4")).toBe("media-too-large");
  });
});
