import { open } from "node:fs/promises";
import path from "node:path";

import { KeepsakeError } from "../errors.js";
import type { Asset } from "./asset.js";
import { isAnimated, preparePhoto } from "./prepare-photo.js";
import { sniff, sniffBytes, type PictureFormat } from "./sniff.js";

export interface PrepareInput {
  readonly path: string;
  /** sha256 (hex) of the file; names what is made of it. */
  readonly sha256: string;
  /** Where prepared files go. */
  readonly folder: string;
}

export interface PreparedFile {
  readonly asset: Asset;
  /** What had to be left out, for the operator. */
  readonly remarks: readonly string[];
}

/**
 * Makes one fetched file ready for the film, whatever it turns out to be. For a child process only: it decodes.
 *
 * @throws KeepsakeError with fault `file`
 */
export async function prepareFile(input: PrepareInput): Promise<PreparedFile> {
  const head = await readHead(input.path);
  const sniffed = sniff(head);
  const output = (extension: string): string => path.join(input.folder, `${input.sha256}.${extension}`);
  if (sniffed.kind === "refused") {
    throw new KeepsakeError("media-kind-refused", `The file is ${sniffed.what}.`);
  }
  if (sniffed.kind === "media") {
    const { prepareMedia } = await import("./prepare-media.js");
    const prepare = () => prepareMedia({ ...input, demuxer: sniffed.demuxer }, output("f32"));
    return await nameProtection(prepare, head);
  }
  const animated = await prepareAnimation(input, sniffed.format, output("f32"));
  return animated ?? { asset: await preparePhoto(input, sniffed.format, output("rgb")), remarks: [] };
}

/** Formats whose files may be moving, by the demuxer that plays them. */
const animationDemuxers: Partial<Record<PictureFormat, string>> = { gif: "gif", webp: "webp_anim" };

/** Null for a still, and for an animation of which only the first picture can be shown. */
async function prepareAnimation(
  input: PrepareInput,
  format: PictureFormat,
  soundPath: string,
): Promise<PreparedFile | null> {
  const demuxer = animationDemuxers[format];
  if (demuxer === undefined || !(await isAnimated(input.path))) return null;
  try {
    const { prepareMedia } = await import("./prepare-media.js");
    return await prepareMedia({ ...input, demuxer }, soundPath);
  } catch (error) {
    if (error instanceof KeepsakeError && error.code !== "media-limit-exceeded") return null;
    throw error;
  }
}

/** Protected films look damaged to a decoder; the marks of protection in the file say which it is. */
async function nameProtection(prepare: () => Promise<PreparedFile>, head: Buffer): Promise<PreparedFile> {
  try {
    return await prepare();
  } catch (error) {
    const unreadable =
      error instanceof KeepsakeError && ["media-damaged", "media-nothing-inside"].includes(error.code);
    // Boxes of ISO/IEC 14496-12 (sinf: protection of a track) and 23007-7 (pssh: keys).
    if (unreadable && (head.includes("sinf", 0, "latin1") || head.includes("pssh", 0, "latin1"))) {
      throw new KeepsakeError("media-protected", "The file is protected against copying.", { cause: error });
    }
    throw error;
  }
}

async function readHead(file: string): Promise<Buffer> {
  const handle = await open(file, "r");
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(sniffBytes), 0, sniffBytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
