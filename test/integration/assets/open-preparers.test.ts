import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import path from "node:path";

import { describe, expect, it } from "vitest";

import { openPreparers } from "../../../dist/assets/open-preparers.js";
import { runningProcesses } from "../../running-processes.js";
import { writeSampleClip } from "../media/sample-clip.js";
import { useFolder } from "../../use-folder.js";

const folder = useFolder();

describe("openPreparers with a long clip of few bytes", () => {
  it("allows as much time as its pictures need, and reports the done share", async () => {
    const file = path.join(folder, "long.mp4");
    await writeSampleClip(file, { frameCount: 9000, middle: () => 100, toneFromFrame: 9000 });
    const sha256 = createHash("sha256")
      .update(await readFile(file))
      .digest("hex");
    const { size: sizeBytes } = await stat(file);
    // Its size alone would allow half a second, but decoding takes some seconds of CPU time.
    await using preparers = openPreparers({ fileCount: 1, concurrency: 1, folder, startSeconds: 0.5 });
    const shares: (number | null)[] = [];
    let cpuSeconds = 0;
    const { asset } = await preparers.decode(
      { path: file, sha256, folder },
      {
        sizeBytes: Math.min(sizeBytes, 1000),
        signal: new AbortController().signal,
        onShare: (share) => shares.push(share),
        onUsage: (usage) => {
          cpuSeconds = usage.cpuSeconds;
        },
      },
    );
    expect(asset).toMatchObject({ kind: "clip", durationSeconds: expect.closeTo(300, 0) });
    expect(cpuSeconds).toBeGreaterThan(1);
    const known = shares.filter((share) => share !== null);
    expect(known.length).toBeGreaterThan(1);
    expect(known).toEqual(known.toSorted((a, b) => a - b));
    expect(known.at(-1)).toBeGreaterThan(0.5);
  });
});

it("leaves no process after it is disposed of", async () => {
  await expect.poll(runningProcesses).toEqual([]);
});
