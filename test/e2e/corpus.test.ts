import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";

import sharp from "sharp";
import { beforeAll, describe, expect, it } from "vitest";

import type { CorpusReport } from "../../dist-tools/corpus/run-corpus.js";
import { lastJson, runTool, type Ran } from "./keepsake.js";
import { useFolder } from "../use-folder.js";

const folder = useFolder();

beforeAll(async () => {
  const corpus = path.join(folder, "corpus");
  await mkdir(path.join(corpus, "photos"), { recursive: true });
  const photo = sharp({ create: { width: 320, height: 200, channels: 3, background: "#4488aa" } }).jpeg();
  await writeFile(path.join(corpus, "photos/-a & b.jpg"), await photo.toBuffer());
  await writeFile(path.join(corpus, "voice.ogg"), "these are words");
  await writeFile(path.join(corpus, "empty.mp4"), "");
});

async function runOver(manifest: readonly string[] | null, ...args: string[]): Promise<Ran> {
  const corpus = path.join(folder, "corpus");
  const file = path.join(corpus, "MANIFEST.tsv");
  await rm(file, { force: true });
  if (manifest !== null) await writeFile(file, `${manifest.join("\n")}\n`);
  const ran = await runTool("corpus", [corpus, ...args], {
    KEEPSAKE_WORK_FOLDER: path.join(folder, "work"),
  });
  expect(await readdir(path.join(folder, "work"))).toEqual([]);
  return ran;
}

describe("npm run corpus", () => {
  it("compares the result of each file with the manifest", async () => {
    const manifest = [
      "source\tpath\texpected",
      "us\tphotos/-a & b.jpg\trender",
      "us\tvoice.ogg\treject",
      "us\tempty.mp4\teither",
    ];
    const ran = await runOver(manifest, "--json");
    expect(ran.exitCode, ran.stderr).toBe(0);
    const { files, totals } = lastJson(ran) as CorpusReport;
    expect(files).toMatchObject([
      {
        file: "photos/-a & b.jpg",
        outcome: "shown",
        isMet: true,
        kind: "photo",
        width: 320,
        height: 200,
        durationSeconds: null,
        reason: null,
      },
      {
        file: "voice.ogg",
        outcome: "card",
        isMet: true,
        kind: null,
        code: "media-kind-refused",
        reason: "The file is text.",
      },
      { file: "empty.mp4", outcome: "card", isMet: true, code: "media-empty" },
    ]);
    expect(totals).toMatchObject({ files: 3, shown: 1, card: 2, crashed: 0, hung: 0, unmet: 0 });
  });

  it("typesets the files below text/", async () => {
    const words = path.join(folder, "corpus/text");
    await mkdir(words);
    await writeFile(path.join(words, "names.txt"), "Ada\nمريم\n'; drop table messages; --\n");
    const ran = await runOver(["path\texpected", "text/names.txt\trender"], "--json");
    await rm(words, { recursive: true });
    expect(ran.exitCode, ran.stderr).toBe(0);
    const { files } = lastJson(ran) as CorpusReport;
    expect(files).toMatchObject([{ outcome: "shown", kind: "words", isMet: true }]);
    expect(files[0]?.durationSeconds).toBeGreaterThan(10);
  });

  it("ends with 1 and names the file that is not as expected", async () => {
    const manifest = [
      "path\texpected",
      "photos/-a & b.jpg\treject",
      "voice.ogg\trender",
      "empty.mp4\treject",
    ];
    const ran = await runOver(manifest);
    expect(ran.exitCode).toBe(1);
    expect(ran.stdout).toMatch(/^photos\/-a & b\.jpg +shown +reject \(NOT MET\) +photo +320 × 200/m);
    expect(ran.stdout).toMatch(
      /^voice\.ogg +card +render \(NOT MET\).* The file is text\. \[media-kind-refused\]$/m,
    );
    expect(ran.stdout).toMatch(/^empty\.mp4 +card +reject /m);
    expect(ran.stdout).toMatch(/^3 files: 1 shown, 2 rejected, 0 crashed, 0 hung; 2 not as expected\.$/m);
  });

  it("reports the result of each file where no result is expected", async () => {
    const ran = await runOver(null, "--json");
    expect(ran.exitCode, ran.stderr).toBe(0);
    const { files } = lastJson(ran) as CorpusReport;
    expect(files.map(({ file, expected, outcome }) => [file, expected, outcome])).toEqual([
      ["empty.mp4", null, "card"],
      ["photos/-a & b.jpg", null, "shown"],
      ["voice.ogg", null, "card"],
    ]);
  });

  it.each([
    [["path\tsource", "voice.ogg\tus"], "needs the columns path and expected"],
    [["path\texpected", "voice.ogg\tshow"], "Line 2 of MANIFEST.tsv needs a path"],
    [["path\texpected"], "has no files"],
  ])("rejects a manifest that it does not understand: %j", async (manifest, sentence) => {
    const ran = await runOver(manifest);
    expect(ran).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(sentence) as string });
  });

  it("rejects a folder that does not exist", async () => {
    const ran = await runTool("corpus", [path.join(folder, "nowhere")], {});
    expect(ran).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("There is no folder") as string,
    });
  });
});
