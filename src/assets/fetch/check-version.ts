import { openDeadline } from "../../async/deadline.js";
import { KeepsakeError } from "../../errors.js";
import { versionOf } from "../../http/file-parts.js";
import type { ObjectReader, StoredObject } from "../../http/object-reader.js";
import { openHttpSource, type HttpSourceOptions } from "./http-source.js";
import type { JudgedReference } from "./judge-references.js";

/** Version of a reference that the rules reject. It does not depend on the file. */
export const rejectedVersion = "refused";
/** Version of an object that does not exist in the project's storage. */
export const absentVersion = "absent";

/** A running server replies sooner. Without a reply, the file is fetched, with longer limits. */
const timeoutSeconds = 20;

/**
 * Finds the current version of the file that a reference names, without fetching its bytes: its size and strong ETag, or
 * the reason why there is no file.
 * @returns null when the version cannot be found out; errors of the server are not thrown
 * @throws the signal's reason
 */
export async function readReferenceVersion(
  judged: JudgedReference,
  options: HttpSourceOptions & { readonly objects: { readonly reader: ObjectReader } | null },
  signal: AbortSignal,
): Promise<string | null> {
  using deadline = openDeadline({ seconds: timeoutSeconds, parent: signal });
  try {
    return await readVersion(judged, options, deadline.signal);
  } catch {
    signal.throwIfAborted();
    return null;
  }
}

async function readVersion(
  judged: JudgedReference,
  options: Parameters<typeof readReferenceVersion>[1],
  signal: AbortSignal,
): Promise<string | null> {
  if (judged.from === "nowhere") return rejectedVersion;
  if (judged.from === "web") return await readAddressVersion(judged.url.href, options, signal);
  const reader = options.objects?.reader;
  if (reader === undefined || judged.from === "file") return null;
  const [first] = judged.objects;
  if (judged.from === "storage") {
    const found = await reader.readVersion(first, signal);
    if (found !== null) return versionOf(found);
  } else {
    for (const address of reader.addressesWithoutKey(judged.reference, [first])) {
      const version = await readAddressVersion(address, options, signal);
      if (version !== null) return version;
    }
  }
  return (await areAllAbsent(judged.objects, reader, signal)) ? absentVersion : null;
}

async function readAddressVersion(
  address: string,
  options: HttpSourceOptions,
  signal: AbortSignal,
): Promise<string | null> {
  await using source = openHttpSource(address, options);
  const found = await source.readVersion(signal);
  return found === null ? null : versionOf(found);
}

/** A reply to HEAD has no reason for a missing file, so the objects are requested as for fetching. */
async function areAllAbsent(
  objects: readonly StoredObject[],
  reader: ObjectReader,
  signal: AbortSignal,
): Promise<boolean> {
  for (const object of objects) {
    try {
      const opened = await reader.open(object, 0, null, signal);
      if ("body" in opened) opened.body.destroy();
      return false;
    } catch (error) {
      if (!(error instanceof KeepsakeError) || error.code !== "media-not-found") throw error;
    }
  }
  return true;
}
