import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { expect, it } from "vitest";

import { probeChildren } from "../../../dist/process/probe-children.js";
import { hasLandlock } from "../../has-landlock.js";

it.runIf(process.platform === "linux")(
  "reports what children can do on this machine, and leaves no files",
  async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "keepsake-test-"));
    const { isWithoutNetwork, sentence } = await probeChildren(folder, new AbortController().signal);
    expect(isWithoutNetwork).toBe(true);
    expect(sentence).toContain("have no network and can start no programs");
    expect(sentence).toContain(hasLandlock() ? "they write only in" : "they could write wherever");
    expect(sentence).toContain("their memory, CPU time, files and output are limited.");
    expect(await readdir(folder)).toEqual(["probe"]);
    expect(await readdir(path.join(folder, "probe"))).toEqual([]);
    await rm(folder, { recursive: true });
  },
);
