import { KeepsakeError } from "../../errors.js";
import type { ObjectReader, StoredObject } from "../../http/object-reader.js";
import { versionOf } from "../../http/range-resume.js";
import { openHttpSource, type HttpSourceOptions } from "./http-source.js";
import type { JudgedReference } from "./judge-references.js";

/** What is not fetched by the rules, whatever is there. */
export const rejectedVersion = "refused";
/** No such object in the project's storage. */
export const absentVersion = "absent";

/** Enough for a server that is there; else the file is fetched, which waits for longer. */
const lookSeconds = 20;

/**
 * What a reference leads to now, without the bytes of a file: its size and strong ETag, or why there is none.
 * @returns null where that cannot be told; never an error of its own
 * @throws the signal's reason
 */
export async function readReferenceVersion(
  judged: JudgedReference,
  options: HttpSourceOptions & { readonly objects: { readonly reader: ObjectReader } | null },
  signal: AbortSignal,
): Promise<string | null> {
  const either = AbortSignal.any([signal, AbortSignal.timeout(lookSeconds * 1000)]);
  try {
    return await look(judged, options, either);
  } catch {
    signal.throwIfAborted();
    return null;
  }
}

async function look(
  judged: JudgedReference,
  options: Parameters<typeof readReferenceVersion>[1],
  signal: AbortSignal,
): Promise<string | null> {
  if (judged.from === "nowhere") return rejectedVersion;
  if (judged.from === "web") return await lookAt(judged.url.href, options, signal);
  const reader = options.objects?.reader;
  if (reader === undefined || judged.from === "file") return null;
  const [first] = judged.objects;
  if (judged.from === "storage") {
    const found = await reader.look(first, signal);
    if (found !== null) return versionOf(found);
  } else {
    for (const address of reader.addressesWithoutKey(judged.reference, [first])) {
      const version = await lookAt(address, options, signal);
      if (version !== null) return version;
    }
  }
  return (await areAllAbsent(judged.objects, reader, signal)) ? absentVersion : null;
}

async function lookAt(
  address: string,
  options: HttpSourceOptions,
  signal: AbortSignal,
): Promise<string | null> {
  await using source = openHttpSource(address, options);
  const found = await source.look(signal);
  return found === null ? null : versionOf(found);
}

/** An answer without a body does not say why there is no file: it is asked for as it would be fetched. */
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
