import { open } from "node:fs/promises";

import { KeepsakeError } from "../errors.js";
import { isDiskFull } from "../is-disk-full.js";
import type { ClipAsset, PhotoAsset, SoundAsset } from "../media/asset.js";
import { mediaProtected } from "./clips/explain-media.js";
import { isProtected } from "./sniff/find-protection.js";
import { id3Bytes } from "./sniff/mpeg-audio.js";
import { outputPath } from "./output-path.js";
import type { LostPart } from "./clips/lost-part.js";
import { detectKind } from "./unusable-file.js";
import type { DetectedKind } from "./sniff/detected-kind.js";
import { sniff, sniffBytes, type Sniffed } from "./sniff/sniff.js";
import { noMeter, type WorkMeter } from "./clips/work-meter.js";

export interface PrepareInput {
  readonly path: string;
  /** sha256 (hex) of the file; names what is made of it. */
  readonly sha256: string;
  /** Where prepared files go. */
  readonly folder: string;
}

/** A photo of which nobody has looked yet at what is on it. */
export interface DecodedPhoto extends Omit<PhotoAsset, "focus" | "subject"> {
  readonly thumbnail: Thumbnail;
}

/** A photo made small: a file as a photo's, removed by whoever has looked at it. */
export interface Thumbnail {
  readonly path: string;
  readonly width: number;
  readonly height: number;
}

export interface DecodedFile {
  readonly asset: DecodedPhoto | SoundAsset | ClipAsset;
  /** What had to be left out, for the operator. */
  readonly remarks: readonly string[];
  /** What of the file is not in the film at all. */
  readonly lost?: LostPart;
}

export interface PrepareWatch {
  readonly meter: WorkMeter;
  /** Called with what the file is before it is decoded, so that a file that then fails is known for what it is. */
  readonly onSeen: (kind: DetectedKind) => void;
}

/**
 * Decodes one fetched file for the film, whatever it turns out to be. For a child process only: it decodes.
 *
 * @throws KeepsakeError with fault `file`
 */
export async function prepareFile(
  input: PrepareInput,
  { meter = noMeter, onSeen = () => undefined }: Partial<PrepareWatch> = {},
): Promise<DecodedFile> {
  try {
    return await prepareKind(input, { meter, onSeen });
  } catch (error) {
    throw isUnforeseen(error) ? unforeseen(error) : error;
  }
}

/** A mistake of ours that this file brings to light costs this file. What the system refuses (a full disk) does not. */
function isUnforeseen(error: unknown): boolean {
  if (isDiskFull(error)) return false;
  if (error instanceof KeepsakeError) return error.fault === "ours";
  return !(error instanceof Error && "errno" in error);
}

function unforeseen(error: unknown): KeepsakeError {
  return new KeepsakeError("media-preparation-crashed", "Preparing the file failed as nobody foresaw.", {
    cause: error,
  });
}

async function prepareKind(input: PrepareInput, { meter, onSeen }: PrepareWatch): Promise<DecodedFile> {
  const head = await readHead(input.path, 0);
  const sniffed = await sniffPastTag(input.path, head);
  const seen = detectKind(sniffed);
  if (seen !== null) onSeen(seen);
  if (sniffed.kind === "refused") {
    throw new KeepsakeError("media-kind-refused", `The file is ${sniffed.what}.`);
  }
  if (sniffed.kind === "media") {
    if (isProtected(head, sniffed.demuxer)) throw mediaProtected();
    const { prepareMedia } = await import("./clips/prepare-media.js");
    const prepare = () =>
      prepareMedia({ ...input, demuxer: sniffed.demuxer, meter, onSeen }, outputPath(input, "f32"));
    return await nameProtection(prepare, head);
  }
  const [{ prepareAnimation }, { preparePhoto }] = await Promise.all([
    import("./clips/prepare-animation.js"),
    import("./stills/prepare-photo.js"),
  ]);
  const animated = await prepareAnimation(
    { ...input, meter },
    sniffed.format,
    head,
    outputPath(input, "f32"),
  );
  if (animated !== null) return animated;
  return await preparePhoto(input, sniffed.format, outputPath(input, "rgb"), outputPath(input, "thumbnail"));
}

/** Protected films look damaged to a decoder; the marks of protection in the file say which it is. */
async function nameProtection(prepare: () => Promise<DecodedFile>, head: Buffer): Promise<DecodedFile> {
  try {
    return await prepare();
  } catch (error) {
    const unreadable =
      error instanceof KeepsakeError && ["media-damaged", "media-nothing-inside"].includes(error.code);
    // Boxes of ISO/IEC 14496-12 (sinf: protection of a track) and 23007-7 (pssh: keys).
    if (unreadable && (head.includes("sinf", 0, "latin1") || head.includes("pssh", 0, "latin1"))) {
      throw mediaProtected(error);
    }
    throw error;
  }
}

/** A tag with a cover picture may be longer than what is looked at; what it stands before says what the file is. */
async function sniffPastTag(file: string, head: Buffer): Promise<Sniffed> {
  const tagBytes = id3Bytes(head);
  if (tagBytes === 0 || tagBytes < head.length) return sniff(head);
  const behind = sniff(await readHead(file, tagBytes));
  return behind.kind === "media" ? behind : { kind: "media", demuxer: "mp3" };
}

async function readHead(file: string, offsetBytes: number): Promise<Buffer> {
  const handle = await open(file, "r");
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(sniffBytes), 0, sniffBytes, offsetBytes);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
