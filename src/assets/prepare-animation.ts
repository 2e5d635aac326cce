import sharp from "sharp";

import { KeepsakeError } from "../errors.js";
import type { ClipAsset, SoundAsset } from "./asset.js";
import { chooseGround, type Ground } from "./choose-ground.js";
import { goRound } from "./go-round.js";
import type { PictureFormat } from "./sniff.js";

interface AnimationInput {
  readonly path: string;
  readonly sha256: string;
}

interface PreparedAnimation {
  readonly asset: ClipAsset | SoundAsset;
  readonly remarks: readonly string[];
}

/** Formats whose files may be moving, by the demuxer that plays them. */
const demuxers: Partial<Record<PictureFormat, string>> = { gif: "gif", webp: "webp_anim", png: "apng" };

/**
 * Makes a moving GIF, WebP or PNG ready: a clip without sound that goes round in whole turns.
 *
 * @param head the file's beginning
 * @returns null for a still, and for an animation of which only the first picture can be shown
 * @throws KeepsakeError `media-limit-exceeded`
 */
export async function prepareAnimation(
  input: AnimationInput,
  format: PictureFormat,
  head: Buffer,
  soundPath: string,
): Promise<PreparedAnimation | null> {
  const demuxer = demuxers[format];
  const isMoving =
    format === "png" ? isMovingPng(head) : demuxer !== undefined && (await hasPages(input.path));
  if (demuxer === undefined || !isMoving) return null;
  try {
    const { prepareMedia } = await import("./prepare-media.js");
    const prepared = await prepareMedia({ ...input, demuxer }, soundPath);
    if (prepared.asset.kind !== "clip") return prepared;
    const ground = await findGround(input.path);
    const asset = ground === null ? prepared.asset : { ...prepared.asset, ground: ground.colour };
    return { ...prepared, asset: goRound(asset) };
  } catch (error) {
    if (error instanceof KeepsakeError && error.code !== "media-limit-exceeded") return null;
    throw error;
  }
}

async function findGround(path: string): Promise<Ground | null> {
  try {
    return await chooseGround(sharp(path));
  } catch (error) {
    throw new KeepsakeError("media-damaged", "The pictures of the animation are damaged.", { cause: error });
  }
}

async function hasPages(path: string): Promise<boolean> {
  try {
    return ((await sharp(path, { failOn: "error", limitInputPixels: false }).metadata()).pages ?? 1) > 1;
  } catch (error) {
    throw new KeepsakeError("media-damaged", "The photo cannot be read.", { cause: error });
  }
}

const firstChunk = 8;
const chunkOverhead = 12;

/** A chunk acTL before the first pixels, with more than one frame (PNG specification, third edition, 11.3.6.1). */
function isMovingPng(head: Buffer): boolean {
  for (let at = firstChunk; at + chunkOverhead <= head.length; at += chunkOverhead + head.readUInt32BE(at)) {
    const type = head.toString("latin1", at + 4, at + 8);
    if (type === "acTL") return head.readUInt32BE(at + 8) > 1;
    if (type === "IDAT") return false;
  }
  return false;
}
