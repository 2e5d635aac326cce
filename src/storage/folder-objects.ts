import type { BigIntStats } from "node:fs";
import { stat } from "node:fs/promises";
import path from "node:path";

import { isNoFile } from "../files/is-missing.js";
import { KeepsakeError } from "../errors.js";
import { nameBucket } from "../http/name-bucket.js";
import type { ObjectReader } from "../http/object-reader.js";
import { openFileBelow } from "../files/open-file-below.js";
import type { FileVersion } from "../http/range-resume.js";
import { isSafeObject, parseBareReference } from "./object-path.js";

/** Reads media below a folder that holds one folder a bucket. */
export function createFolderReader(root: string): ObjectReader {
  return {
    locate: (reference) => {
      const object = parseBareReference(reference);
      return object === null ? [] : [object];
    },
    async findBucket(bucket) {
      if (!isSafeObject({ bucket, path: "file" })) return "missing";
      try {
        return (await stat(path.join(root, bucket))).isDirectory() ? "private" : "missing";
      } catch (error) {
        return isNoFile(error) ? "missing" : null;
      }
    },
    addressesWithoutKey: () => [],
    async look({ bucket, path: name }) {
      if (!isSafeObject({ bucket, path: name })) return null;
      const file = await openFileBelow(root, path.join(bucket, name)).catch(() => "missing" as const);
      if (typeof file === "string") return null;
      try {
        return describeVersion(await file.stat({ bigint: true }));
      } finally {
        await file.close();
      }
    },
    async open({ bucket, path: name }) {
      const missing = new KeepsakeError("media-not-found", `There is no such file in ${nameBucket(bucket)}.`);
      if (!isSafeObject({ bucket, path: name })) throw missing;
      try {
        const file = await openFileBelow(root, path.join(bucket, name));
        if (typeof file === "string") throw missing;
        const version = describeVersion(await file.stat({ bigint: true }));
        return { body: file.createReadStream(), offsetBytes: 0, ...version };
      } catch (error) {
        if (error === missing || isNoFile(error)) throw missing;
        throw new KeepsakeError(
          "media-unreachable",
          `Could not read ${nameBucket(bucket)}: ${(error as NodeJS.ErrnoException).code}.`,
          {
            cause: error,
          },
        );
      }
    },
  };
}

/** The time of the last change of anything, contents or the file's own record, cannot be set by hand. */
function describeVersion({ ino, size, mtimeNs, ctimeNs }: BigIntStats): FileVersion {
  return { sizeBytes: Number(size), validator: `"${ino}-${size}-${mtimeNs}-${ctimeNs}"` };
}
