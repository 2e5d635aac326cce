import { readFile } from "node:fs/promises";

import { z } from "zod";

import { KeepsakeError } from "../../dist/errors.js";
import { gridSide, partCount, type Reference } from "./media-sample.js";

/** References, by the path of their file in the corpus. */
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

/** @throws KeepsakeError `usage` for a file without valid references */
export async function readReferences(file: string): Promise<References> {
  try {
    return schema.parse(JSON.parse(await readFile(file, "utf8"))) as References;
  } catch (error) {
    throw new KeepsakeError("usage", `${file} does not contain valid references of pictures and sounds.`, {
      cause: error,
    });
  }
}
