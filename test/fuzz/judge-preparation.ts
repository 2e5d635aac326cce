import { open, readdir, stat } from "node:fs/promises";
import path from "node:path";

import type { ClipAsset, PhotoAsset, SoundAsset } from "../../dist/media/asset.js";
import type { PreparedFile } from "../../dist/assets/open-preparers.js";
import type { DecodedFile, PrepareInput } from "../../dist/assets/prepare-file.js";
import type { DecodedPhoto } from "../../dist/assets/stills/decoded-photo.js";
import { errorFaults } from "../../dist/errors.js";
import type { PreparationOutcome } from "./preparation-outcome.js";

/** An asset before or after the focus of a photo is found. */
type Asset = (PreparedFile | DecodedFile)["asset"];

const sampleRate = 48_000;
const longestSeconds = 3600 + 61;
const largestSide = 65_536;

/**
 * Returns the faults of an outcome: an asset with impossible facts, an invalid rejection, or files that were left
 * in the folder that was not requested.
 * @param options `alone`: it was prepared as production does it, which tidies up after a rejection
 * @returns sentences; none when all is well
 */
export async function judgePreparation(
  input: PrepareInput,
  outcome: PreparationOutcome,
  { alone = false } = {},
): Promise<string[]> {
  if (outcome.kind === "crashed") return [`crash: ended with ${outcome.how}: ${firstLine(outcome.said)}`];
  if (outcome.kind === "stopped") return [`too much ${outcome.why}: ${outcome.how}`];
  if (outcome.kind === "refused") {
    return [...judgeRejection(input, outcome), ...(alone ? await findUnknownFiles(input, []) : [])];
  }
  const { asset, remarks } = outcome.prepared;
  const faults = [...(await judgeAsset(input, asset))];
  for (const remark of remarks)
    if (mentionsPlaces(remark, input)) faults.push(`remark tells a path: ${remark}`);
  if (outcome.paintingFault !== null) faults.push(`painting: ${outcome.paintingFault}`);
  return [...faults, ...(await findUnknownFiles(input, filesOf(asset)))];
}

function judgeRejection(
  input: PrepareInput,
  { code, message, stack }: Extract<PreparationOutcome, { kind: "refused" }>,
): string[] {
  const faults: string[] = [];
  const fault = Object.hasOwn(errorFaults, code) ? errorFaults[code as keyof typeof errorFaults] : "unknown";
  // The process was contained, but the reason should be known.
  if (/-(crashed|timed-out|killed|cpu|memory|output)$/.test(code))
    faults.push(`${code}: ${message} ${stack}`);
  if (fault !== "file") faults.push(`refused with ${code}: ${message} ${stack}`);
  if (!/^[A-Z][^\n]{3,300}\.$/.test(message)) faults.push(`not a sentence: ${JSON.stringify(message)}`);
  if (mentionsPlaces(message, input)) faults.push(`the reason tells a path: ${message}`);
  return faults;
}

function mentionsPlaces(text: string, input: PrepareInput): boolean {
  return text.includes(input.folder) || text.includes(input.sha256) || /node_modules|\/dist\//.test(text);
}

async function judgeAsset(input: PrepareInput, asset: Asset): Promise<string[]> {
  if (asset.sha256 !== input.sha256) return ["the asset is of another file"];
  if (asset.kind === "photo") return await judgePhoto(asset);
  if (asset.kind === "sound") return await judgeSound(asset);
  return await judgeClip(asset);
}

async function judgePhoto(photo: PhotoAsset | DecodedPhoto): Promise<string[]> {
  const { path: file, width, height } = photo;
  const faults: string[] = [];
  if (!isWhole(width, 1, 4096) || !isWhole(height, 1, 4096)) faults.push(`size ${width} × ${height}`);
  const { size } = await stat(file);
  if (size !== width * height * 3) faults.push(`${size} bytes for ${width} × ${height}`);
  if ("thumbnail" in photo) {
    const small = photo.thumbnail;
    if (!isWhole(small.width, 1, 512) || !isWhole(small.height, 1, 512))
      faults.push("thumbnail of another size");
    if ((await stat(small.path)).size !== small.width * small.height * 3)
      faults.push("thumbnail of other bytes");
    return faults;
  }
  const { focus, subject } = photo;
  if (!isShare(focus.x) || !isShare(focus.y)) faults.push(`focus ${focus.x}, ${focus.y}`);
  if (subject !== undefined) {
    const { x, y, width: across, height: down } = subject;
    if (![x, y, across, down].every(isShare) || x + across > 1.0001 || y + down > 1.0001) {
      faults.push(`subject ${JSON.stringify(subject)}`);
    }
  }
  return faults;
}

async function judgeSound(sound: SoundAsset): Promise<string[]> {
  const { path: file, sampleCount, integratedLufs, truePeakDbtp, speech = [] } = sound;
  const faults: string[] = [];
  if (!isWhole(sampleCount, 1, longestSeconds * sampleRate)) faults.push(`${sampleCount} samples`);
  const { size } = await stat(file);
  if (size !== sampleCount * 8) faults.push(`${size} bytes for ${sampleCount} samples`);
  if (integratedLufs !== null && !(integratedLufs >= -85.1 && integratedLufs <= 210))
    faults.push(`${integratedLufs} LUFS`);
  if (truePeakDbtp !== null && !(truePeakDbtp >= -400 && truePeakDbtp <= 210))
    faults.push(`${truePeakDbtp} dBTP`);
  let reached = 0;
  for (const { firstSample, endSample } of speech) {
    if (!(firstSample >= reached && endSample > firstSample && endSample <= sampleCount)) {
      faults.push(`speech from ${firstSample} to ${endSample} of ${sampleCount}`);
    }
    reached = endSample;
  }
  const worst = await worstSample(file);
  // Whole numbers of 32 bits may be kept as numbers with a point.
  if (!(worst <= 2 ** 36)) faults.push(`a sample of ${worst}`);
  return faults;
}

/** The largest by amount, or NaN; of the first minute, and the last. */
async function worstSample(file: string): Promise<number> {
  const pieceBytes = 60 * sampleRate * 8;
  const { size } = await stat(file);
  const handle = await open(file, "r");
  let worst = 0;
  try {
    for (const position of new Set([0, Math.max(0, Math.floor((size - pieceBytes) / 8) * 8)])) {
      const buffer = Buffer.alloc(Math.min(pieceBytes, size));
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, position);
      const samples = new Float32Array(buffer.buffer, buffer.byteOffset, Math.floor(bytesRead / 4));
      for (const sample of samples) {
        if (Number.isNaN(sample)) return Number.NaN;
        worst = Math.max(worst, Math.abs(sample));
      }
    }
  } finally {
    await handle.close();
  }
  return worst;
}

async function judgeClip(clip: ClipAsset): Promise<string[]> {
  const { width, height, startSeconds, durationSeconds, loopSeconds, sound, background } = clip;
  const faults: string[] = [];
  if (!isWhole(width, 16, largestSide) || !isWhole(height, 16, largestSide))
    faults.push(`size ${width} × ${height}`);
  if (!isWhole(clip.streamIndex, 0, 64)) faults.push(`stream ${clip.streamIndex}`);
  if (![0, 90, 180, 270].includes(clip.rotationDegrees)) faults.push(`turned by ${clip.rotationDegrees}`);
  if (!Number.isFinite(startSeconds)) faults.push(`begins at ${startSeconds}`);
  if (!(durationSeconds > 0 && durationSeconds <= 2 * longestSeconds)) faults.push(`${durationSeconds} s`);
  if (loopSeconds !== undefined && !(loopSeconds > 0 && loopSeconds <= durationSeconds)) {
    faults.push(`turns of ${loopSeconds} s in ${durationSeconds} s`);
  }
  if (background !== undefined && !/^#[\da-f]{6}$/.test(background)) faults.push(`background ${background}`);
  if (sound !== null) {
    faults.push(...(await judgeSound(sound)));
    if (sound.sampleCount !== Math.round(durationSeconds * sampleRate)) {
      faults.push(`${sound.sampleCount} samples beside ${durationSeconds} s of pictures`);
    }
  }
  return faults;
}

function filesOf(asset: Asset): string[] {
  if (asset.kind === "clip") return asset.sound === null ? [] : [asset.sound.path];
  return "thumbnail" in asset ? [asset.path, asset.thumbnail.path] : [asset.path];
}

async function findUnknownFiles(input: PrepareInput, wanted: readonly string[]): Promise<string[]> {
  const known = new Set([input.path, ...wanted].map((file) => path.basename(file)));
  const left = (await readdir(input.folder)).filter((name) => !known.has(name));
  return left.map((name) => `left behind: ${name.replace(input.sha256, "…")}`);
}

function isWhole(value: number, least: number, most: number): boolean {
  return Number.isSafeInteger(value) && value >= least && value <= most;
}

function isShare(value: number): boolean {
  return value >= 0 && value <= 1;
}

function firstLine(text: string): string {
  return text.trim().split("\n")[0] ?? "";
}
