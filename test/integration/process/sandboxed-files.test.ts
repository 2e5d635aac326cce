import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { beforeAll, describe, expect, it } from "vitest";

import { hasLandlock } from "../../has-landlock.js";
import { runTask } from "./run-task.js";
import { useFolder } from "../../use-folder.js";

const root = fileURLToPath(new URL("../../..", import.meta.url));

const folder = useFolder();
/** A film folder as `openWorkFolder` names it: children read in it, and write in the part that they are given. */
let film: string;
let media: string;
let outside: string;
beforeAll(async () => {
  film = path.join(folder, "film-1-00000000-one");
  media = path.join(film, "media");
  mkdirSync(media, { recursive: true });
  mkdirSync(path.join(folder, "film-1-00000000-two"));
  outside = path.join(folder, ".env");
  await writeFile(outside, "KEY=secret", { mode: 0o600 });
});

describe.runIf(hasLandlock())("a confined child", () => {
  it.each(["read", "read-later", "read-in-worker", "read-folder"])(
    "can read no file of this user: %s",
    async (what) => {
      expect(await runTask(what, { outside }, { folder: media })).toEqual({ refused: "EACCES" });
      expect(await runTask(what, { outside }, { folder: media, isConfined: false })).not.toHaveProperty(
        "refused",
      );
    },
  );

  it("can read no file through a link that it makes", async () => {
    const { refused } = await runTask("read-by-link", { outside }, { folder: media });
    expect(["EACCES", "EXDEV"]).toContain(refused);
    expect(await runTask("read-by-link", { outside }, { folder: media, isConfined: false })).toEqual({
      answer: "KEY=secret",
    });
  });

  it("can read no file through FFmpeg", async () => {
    const answer = await runTask("read-by-ffmpeg", { outside }, { folder: media });
    expect(answer).toEqual({ refused: "Permission denied" });
  });

  it("can read no file through sharp", async () => {
    const reading = runTask("read-by-sharp", { outside, rethrow: true }, { folder: media });
    await expect(reading).rejects.toThrow(/permission denied|unable to open|Input file/i);
  });

  it.each(["film-1-00000000-two/picture", "cache/entry", "id_ed25519"])(
    "can read no file of others: %s",
    async (name) => {
      const file = path.join(folder, name);
      mkdirSync(path.dirname(file), { recursive: true });
      await writeFile(file, "x");
      expect(await runTask("read", { outside: file }, { folder: media })).toEqual({ refused: "EACCES" });
    },
  );

  it.each(["cmdline", "status", "environ"])("can read nothing of its parent in /proc: %s", async (name) => {
    const file = `/proc/${process.pid}/${name}`;
    expect(await runTask("read", { outside: file }, { folder: media })).toEqual({ refused: "EACCES" });
  });

  it("can read its film and the files it is allowed to read", async () => {
    const own = path.join(film, "sound");
    await writeFile(own, "heard");
    expect(await runTask("read", { outside: own }, { folder: media })).toEqual({ answer: "heard" });
    const model = path.join(folder, "model");
    await writeFile(model, "weights");
    const link = path.join(folder, "link");
    symlinkSync(model, link);
    for (const file of [model, link]) {
      expect(await runTask("read", { outside: file }, { folder: media })).toEqual({ refused: "EACCES" });
      const told = await runTask("read-later", { outside: file }, { folder: media, reads: [file] });
      expect(told).toEqual({ answer: "weights" });
    }
  });

  it("can read a film folder that was removed and made again", async () => {
    const again = path.join(folder, "film-1-00000000-again");
    for (const text of ["first", "second"]) {
      mkdirSync(again);
      await writeFile(path.join(again, "file"), text);
      const reading = runTask("read", { outside: path.join(again, "file") }, { folder: again });
      expect(await reading).toEqual({ answer: text });
      await rm(again, { recursive: true });
    }
  });
});

describe.runIf(hasLandlock())("every thread of a child", () => {
  it("is sandboxed, including those that V8 started before any code ran", async () => {
    const result = await runTask("make-by-threads", { outside: folder }, { folder: media });
    expect(result).toEqual({ answer: { threads: expect.any(Number), made: 0 } });
    const free = await runTask("make-by-threads", { outside: folder }, { folder: media, isConfined: false });
    const { threads, made } = free.answer as { threads: number; made: number };
    // At least one thread blocks all signals.
    expect(threads).toBeGreaterThan(5);
    expect(made).toBeGreaterThan(4);
  });
});

describe.runIf(process.platform === "linux")("where the kernel has no Landlock", () => {
  it("the probe reports what decoders may read, and what to do", () => {
    const parent = fileURLToPath(new URL("./without-landlock.mjs", import.meta.url));
    const { stdout, stderr } = spawnSync(process.execPath, [parent, folder, "create"], { encoding: "utf8" });
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toMatchObject({
      isWithoutNetwork: true,
      isSandboxed: false,
      sentence: expect.stringMatching(
        /they could write wherever this user may, and decoders may read whatever this user may.*: run the worker on Linux 5\.13 or newer/,
      ),
    });
  });
});

// A child that should be sandboxed must never run without its sandbox.
it.runIf(hasLandlock())("starts no child when the kernel has Landlock but denies its use", () => {
  const parent = fileURLToPath(new URL("./without-landlock.mjs", import.meta.url));
  const { stdout, stderr } = spawnSync(process.execPath, [parent, folder, "restrict"], { encoding: "utf8" });
  expect(stderr).toBe("");
  expect(JSON.parse(stdout)).toEqual({
    code: "child-probe-failed",
    message: expect.stringMatching(
      /No film can be made on this machine.*the kernel has Landlock, but denied landlock_restrict_self/,
    ),
  });
});

// The layouts of npm (hoisted), of pnpm and `npm link` (links), and of a command in a folder of links.
it.runIf(hasLandlock())(
  "finds its packages when it is installed as a dependency whose packages are links",
  () => {
    const app = path.join(folder, "app");
    const own = path.join(app, "node_modules/keepsake");
    cpSync(path.join(root, "dist"), path.join(own, "dist"), { recursive: true });
    cpSync(path.join(root, "package.json"), path.join(own, "package.json"));
    const { dependencies } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")) as {
      dependencies: Record<string, string>;
    };
    for (const name of Object.keys(dependencies)) {
      const link = path.join(app, "node_modules", name);
      mkdirSync(path.dirname(link), { recursive: true });
      symlinkSync(path.join(root, "node_modules", name), link);
    }
    const bin = path.join(app, "keepsake.js");
    symlinkSync(path.join(own, "dist/cli.js"), bin);
    const { stdout } = spawnSync(process.execPath, [bin, "doctor"], {
      cwd: app,
      encoding: "utf8",
      env: { PATH: process.env["PATH"], KEEPSAKE_WORK_FOLDER: path.join(folder, "work") },
    });
    expect(stdout).toContain("they write only in their film's folder, and read only that folder");
  },
);
