import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { expect, it } from "vitest";

import { confirmPreparation } from "./confirm-preparation.js";
import { readFuzzOrder } from "./fuzz-order.js";

const { replay } = readFuzzOrder();

it.runIf(replay !== null)("prepares the file to be replayed as production would", async () => {
  const base = await mkdtemp(path.join(tmpdir(), "keepsake-replay-"));
  try {
    const confirmed = await confirmPreparation(await readFile(replay ?? ""), path.join(base, "alone"));
    process.stderr.write(`${JSON.stringify(confirmed, null, 2)}\n`);
    expect(confirmed.faults).toEqual([]);
  } finally {
    await rm(base, { recursive: true });
  }
});
