import { KeepsakeError } from "../../errors.js";
import { openFileBelow, type NotBelow } from "../../files/open-file-below.js";
import { addressRejected } from "./check-url.js";
import type { MediaSource } from "./media-source.js";

/** A file below the folder of a `capsule.json`. Only `keepsake render` uses it, whose user owns the files. */
export function createLocalSource(reference: string, folder: string): MediaSource {
  return {
    async open() {
      const file = await openFileBelow(folder, reference).catch((error: unknown) => {
        throw new KeepsakeError("media-not-found", "There is no readable file at the path.", {
          cause: error,
        });
      });
      if (typeof file === "string") throw faults[file]();
      const { size } = await file.stat();
      return { body: file.createReadStream(), offsetBytes: 0, sizeBytes: size, validator: null };
    },
  };
}

const faults: Readonly<Record<NotBelow, () => KeepsakeError>> = {
  outside: () => addressRejected("it is outside the folder of the capsule file"),
  missing: () => new KeepsakeError("media-not-found", "There is no readable file at the path."),
  "no-file": () => new KeepsakeError("media-not-found", "The path is not a file."),
};
