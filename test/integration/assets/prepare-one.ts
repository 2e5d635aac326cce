import { createHash } from "node:crypto";
import { mkdtemp, writeFile } from "node:fs/promises";
import path from "node:path";

import { prepareFile, type DecodedFile } from "../../../dist/assets/prepare-file.js";
import { KeepsakeError } from "../../../dist/errors.js";

/** Prepares one file in this process. A child of a worker runs the same code. */
export async function prepareOne(bytes: Buffer, base: string): Promise<DecodedFile | KeepsakeError> {
  const folder = await mkdtemp(path.join(base, "one-"));
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const file = path.join(folder, "original");
  await writeFile(file, bytes);
  try {
    return await prepareFile({ path: file, sha256, folder });
  } catch (error) {
    if (error instanceof KeepsakeError && error.fault === "file") return error;
    throw error;
  }
}

/** @throws when it was refused, or is something else */
export async function preparedAs<Kind extends DecodedFile["asset"]["kind"]>(
  kind: Kind,
  bytes: Buffer,
  base: string,
): Promise<Extract<DecodedFile["asset"], { kind: Kind }>> {
  const prepared = await prepareOne(bytes, base);
  if (prepared instanceof KeepsakeError) throw prepared;
  if (prepared.asset.kind !== kind) throw new Error(`became a ${prepared.asset.kind}`);
  return prepared.asset as Extract<DecodedFile["asset"], { kind: Kind }>;
}
