// Prepares one file after another in one process, as the real child does with a single one: for speed alone. What is found
// here counts only when the real child finds it too.
import sharp from "sharp";

import { prepareFile } from "../../dist/assets/prepare-file.js";
import { toKeepsakeError } from "../../dist/errors.js";
import { openClip } from "../../dist/media/pictures/open-clip.js";

sharp.concurrency(1);
sharp.cache(false);

const fps = 30;

/** Opens a clip at its beginning, its middle and its end, as the painter does. */
async function paint(clip) {
  const last = Math.max(0, Math.ceil(clip.durationSeconds * fps) - 1);
  for (const firstFrame of new Set([0, Math.floor(last / 2), last])) {
    const opened = await openClip(clip, { width: 64, height: 36, fps, firstFrame });
    try {
      const { picture } = await opened.next();
      if (picture.length !== 64 * 36 * 1.5) throw new Error(`a picture of ${picture.length} bytes`);
      await opened.next();
    } finally {
      await opened[Symbol.asyncDispose]();
    }
  }
}

async function run(input) {
  let prepared;
  try {
    prepared = await prepareFile(input);
  } catch (error) {
    const { code, fault, message, stack } = toKeepsakeError(error);
    return { kind: "refused", code, fault, message, stack: `${stack} ${error.cause?.stack ?? ""}` };
  }
  try {
    if (prepared.asset.kind === "clip") await paint(prepared.asset);
    return { kind: "ready", prepared, paintingFault: null };
  } catch (error) {
    return { kind: "ready", prepared, paintingFault: error instanceof Error ? error.stack : String(error) };
  }
}

process.on("disconnect", () => process.exit(1));
process.on("message", (input) => {
  void run(input).then((outcome) => process.send(outcome));
});
