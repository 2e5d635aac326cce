import { readFile } from "node:fs/promises";

import { z } from "zod";

import { KeepsakeError } from "../../dist/errors.js";
import { gridSide, partCount, type Reference } from "./look.js";

/** By the paths of files below the corpus. */
export type References = Readonly<Record<string, Reference>>;

const level = z.number();
const schema = z.record(
  z.string(),
  z.object({
    width: z.number().optional(),
    height: z.number().optional(),
    seconds: z.number().optional(),
    pictures: z.array(z.string().regex(new RegExp(`^[\\da-f]{${gridSide * gridSide * 6}}$`))).optional(),
    sound: z
      .object({ rmsDb: level, brightnessHz: level, envelopeDb: z.array(level).length(partCount) })
      .optional(),
    tolerance: z.number().optional(),
  }),
);

/** @throws KeepsakeError `usage` for a file that holds no references */
export async function readReferences(file: string): Promise<References> {
  try {
    return schema.parse(JSON.parse(await readFile(file, "utf8"))) as References;
  } catch (error) {
    throw new KeepsakeError("usage", `${file} does not hold what files should look and sound like.`, {
      cause: error,
    });
  }
}
