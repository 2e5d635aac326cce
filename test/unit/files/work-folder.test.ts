import { existsSync } from "node:fs";
import { chmod, chown, lchown, mkdir, stat, symlink, utimes, writeFile } from "node:fs/promises";
import path from "node:path";

import { expect, it } from "vitest";

import { openWorkFolder, sweepWorkFolders } from "../../../dist/files/work-folder.js";
import { useFolder } from "../../use-folder.js";

const root = useFolder();

it("creates a private work folder and removes it with its content", async () => {
  let folder: string;
  {
    await using work = await openWorkFolder(path.join(root, "films"));
    folder = work.path;
    await writeFile(path.join(folder, "segment.mp4"), "x");
  }
  expect(existsSync(folder)).toBe(false);
});

it("removes the work folders of dead processes and not those of living ones", async () => {
  const films = path.join(root, "swept");
  await using living = await openWorkFolder(films);
  // The folder is beside that of this process, and its name differs only in the number.
  const here = path
    .basename(living.path)
    .replace(/^film-\d+-/, "")
    .slice(0, 8);
  const longDeadPid = 2 ** 22 + 1;
  const made = async (name: string, daysAgo: number): Promise<string> => {
    const folder = path.join(films, name);
    await mkdir(folder, { recursive: true });
    const then = new Date(Date.now() - daysAgo * 86_400_000);
    await utimes(folder, then, then);
    return folder;
  };
  const left = [
    await made(`film-${longDeadPid}-${here}-abc`, 0),
    // The folder of an earlier process with the number of this one.
    await made(`film-${process.pid}-${here}-abc`, 1),
    await made(`film-${longDeadPid}-00000000-abc`, 9),
  ];
  const remaining = [
    living.path,
    await made(`film-1-${here}-abc`, 9),
    // The folder of another machine, which may be using it.
    await made(`film-${longDeadPid}-00000000-def`, 1),
    await made("something-else", 9),
  ];
  expect(await sweepWorkFolders(films)).toBe(left.length);
  expect(left.filter((folder) => existsSync(folder))).toEqual([]);
  expect(remaining.filter((folder) => !existsSync(folder))).toEqual([]);
});

it.runIf(process.getuid?.() === 0)(
  "rejects a folder that another user created where everyone may write",
  async () => {
    const shared = path.join(root, "shared");
    await mkdir(shared);
    await chmod(shared, 0o1777);
    const theirs = path.join(shared, "keepsake");
    await mkdir(theirs);
    await chown(theirs, 65_534, 65_534);
    await symlink(root, path.join(shared, "link"));
    await lchown(path.join(shared, "link"), 65_534, 65_534);
    for (const folder of [theirs, path.join(shared, "link")]) {
      await expect(openWorkFolder(folder)).rejects.toMatchObject({ code: "setting-invalid" });
    }
    // Where only the operator may create one, any owner is accepted.
    await chmod(shared, 0o755);
    await using folder = await openWorkFolder(theirs);
    expect((await stat(folder.path)).mode & 0o777).toBe(0o700);
  },
);

it.runIf(process.platform === "linux")(
  "reports where no folder can be created instead of trying forever",
  async () => {
    const error = {
      code: "setting-invalid",
      message: expect.stringContaining("KEEPSAKE_WORK_FOLDER") as string,
    };
    await expect(openWorkFolder("/proc/films/of/all")).rejects.toMatchObject(error);
  },
);

it("removes nothing when there is no work folder yet", async () => {
  expect(await sweepWorkFolders(path.join(root, "missing"))).toBe(0);
});
