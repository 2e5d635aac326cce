import { open } from "node:fs/promises";

import { KeepsakeError } from "../errors.js";
import { isDiskFull } from "../is-disk-full.js";
import type { ClipAsset, SoundAsset } from "../media/asset.js";
import { mediaProtected } from "./clips/explain-media.js";
import type { LostPart } from "./clips/lost-part.js";
import { noMeter, type PreparingWork, type WorkMeter } from "./clips/work-meter.js";
import { outputPath } from "./output-path.js";
import type { DetectedKind } from "./sniff/detected-kind.js";
import { isProtected } from "./sniff/find-protection.js";
import { id3Bytes } from "./sniff/mpeg-audio.js";
import { detectKind, sniff, sniffBytes, type Sniffed } from "./sniff/sniff.js";
import type { DecodedPhoto } from "./stills/decoded-photo.js";

export interface PrepareInput {
  readonly path: string;
  /** sha256 (hex) of the file; prepared files are named after it. */
  readonly sha256: string;
  /** Folder for the prepared files. */
  readonly folder: string;
}

export interface DecodedFile {
  readonly asset: DecodedPhoto | SoundAsset | ClipAsset;
  /** Notes for the operator about flaws of the file and parts that were left out. */
  readonly remarks: readonly string[];
  /** The pictures or the sound, when they are missing in the film. */
  readonly lost?: LostPart;
}

/** A report of the process that prepares a file: the file's kind, or how much of it is done. */
export type PrepareReport = DetectedKind | PreparingWork;

export interface PrepareObserver {
  readonly meter: WorkMeter;
  /** Called with the file's kind before it is decoded, so that the kind is known when decoding fails. */
  readonly onDetected: (kind: DetectedKind) => void;
}

/**
 * Decodes one fetched file of any kind for the film. It loads decoders, so it runs only in a child process.
 *
 * @throws KeepsakeError with fault `file`
 */
export async function prepareFile(
  input: PrepareInput,
  { meter = noMeter, onDetected = () => undefined }: Partial<PrepareObserver> = {},
): Promise<DecodedFile> {
  try {
    return await prepareKind(input, { meter, onDetected });
  } catch (error) {
    throw isUnexpected(error) ? unexpected(error) : error;
  }
}

/** Whether an error is a bug that this file triggers: it costs this file only. Errors of the system (a full disk) do not. */
function isUnexpected(error: unknown): boolean {
  if (isDiskFull(error)) return false;
  if (error instanceof KeepsakeError) return error.fault === "ours";
  return !(error instanceof Error && "errno" in error);
}

function unexpected(error: unknown): KeepsakeError {
  return new KeepsakeError(
    "media-preparation-crashed",
    "Preparing the file failed with an unexpected error of Keepsake.",
    { cause: error },
  );
}

async function prepareKind(
  input: PrepareInput,
  { meter, onDetected }: PrepareObserver,
): Promise<DecodedFile> {
  const head = await readHead(input.path, 0);
  const sniffed = await sniffPastTag(input.path, head);
  const detected = detectKind(sniffed);
  if (detected !== null) onDetected(detected);
  if (sniffed.kind === "unsupported") {
    throw new KeepsakeError("media-kind-refused", `The file is ${sniffed.what}.`);
  }
  if (sniffed.kind === "media") {
    if (isProtected(head, sniffed.demuxer)) throw mediaProtected();
    const { prepareMedia } = await import("./clips/prepare-media.js");
    const prepare = () =>
      prepareMedia({ ...input, demuxer: sniffed.demuxer, meter, onDetected }, outputPath(input, "f32"));
    return await explainProtection(prepare, head);
  }
  const [{ prepareAnimation }, { preparePhoto }] = await Promise.all([
    import("./clips/prepare-animation.js"),
    import("./stills/prepare-photo.js"),
  ]);
  const soundPath = outputPath(input, "f32");
  const animated = await prepareAnimation({ ...input, meter }, sniffed.format, head, soundPath);
  if (animated !== null) return animated;
  return await preparePhoto(input, sniffed.format, {
    pixels: outputPath(input, "rgb"),
    thumbnail: outputPath(input, "thumbnail"),
  });
}

/** A decoder reports a protected film as damaged. Boxes of protection in the file show the real reason. */
async function explainProtection(prepare: () => Promise<DecodedFile>, head: Buffer): Promise<DecodedFile> {
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

/** A tag with a cover picture may be longer than the head; then the kind is detected from the data after it. */
async function sniffPastTag(file: string, head: Buffer): Promise<Sniffed> {
  const tagBytes = id3Bytes(head);
  if (tagBytes === 0 || tagBytes < head.length) return sniff(head);
  const afterTag = sniff(await readHead(file, tagBytes));
  return afterTag.kind === "media" ? afterTag : { kind: "media", demuxer: "mp3" };
}

async function readHead(path: string, offsetBytes: number): Promise<Buffer> {
  await using file = await open(path, "r");
  const { buffer, bytesRead } = await file.read(Buffer.alloc(sniffBytes), 0, sniffBytes, offsetBytes);
  return buffer.subarray(0, bytesRead);
}
