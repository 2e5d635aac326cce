import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";

import { expect, it } from "vitest";

import { weightsManifest } from "../../../dist/faces/face-network.js";
import { readWeights, unpackWeights } from "../../../dist/faces/read-weights.js";

/** The files as `@vladmandic/face-api` 1.7.15 publishes them. */
it.each([
  [
    "ssd_mobilenetv1_model-weights_manifest.json",
    "888f744dffbc84f5f060d1f8427d9742341943a2dfaaf9205d10029b7e7a2955",
  ],
  ["ssd_mobilenetv1_model.bin", "2835640602d53718aa6ae9a42896327eaa21beefed056c218d32ca7d79e1e2f8"],
])("the built face detector has the published bytes of %s", async (name, sha256) => {
  const bytes = await readFile(new URL(name, weightsManifest));
  expect(createHash("sha256").update(bytes).digest("hex")).toBe(sha256);
});

it("reads every tensor of the face detector's weights with all its values", async () => {
  const weights = await readWeights(weightsManifest);
  expect(weights.size).toBe(151);
  for (const [name, tensor] of weights) {
    const count = tensor.shape.reduce((product, side) => product * side, 1);
    expect(tensor.codes.length, name).toBe(count);
    expect(unpackWeights(tensor).every(Number.isFinite), name).toBe(true);
  }
});
