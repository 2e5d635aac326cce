import { copyFile, mkdir, readdir, rm } from "node:fs/promises";
import path from "node:path";

import type { Asset } from "../../dist/media/asset.js";
import { openPreparers, type PrepareOptions, type Preparers } from "../../dist/assets/open-preparers.js";
import { originalPath } from "../../dist/assets/fetch/fetch-all.js";
import type { PrepareInput } from "../../dist/assets/prepare-file.js";
import { hashFile } from "../../dist/files/hash-file.js";
import { KeepsakeError } from "../../dist/errors.js";
import { runChild } from "../../dist/process/run-child.js";
import type { BareStillInput } from "./bare-still-child.js";
import type { MakeMediumInput } from "./make-medium-child.js";
import type { MakePhotoInput } from "./make-photo-child.js";
import { costOf, median, type Cost } from "./measure-overhead.js";
import { liveTreeCpuSeconds, openPeakWatch } from "./process-tree.js";

export interface BenchPrepareOptions {
  /** Folder of the files to prepare, at any depth; null: a photo, a clip and a voice note are made. */
  readonly media: string | null;
  /** Number of times that each file is prepared. */
  readonly roundCount: number;
  /** Private and existing folder. */
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly onStep?: (step: string) => void;
}

export interface PreparedCost extends Cost {
  /** Path relative to the folder. */
  readonly file: string;
  readonly sizeBytes: number;
  /** Kind of the file, or the code of the error that rejected it. */
  readonly outcome: Asset["kind"] | KeepsakeError["code"];
  /** Peak memory of the process that decoded it, as far as it was sampled: 0 for one that ends at once. */
  readonly peakMib: number;
  /**
   * Cost of decoding and reducing a still with the same library alone, including the start of a process; null for other
   * files, and for stills that the library alone cannot decode.
   */
  readonly bare: Cost | null;
}

export interface BenchPrepareResult {
  readonly files: readonly PreparedCost[];
  /** Cost of all stills together divided by that of their bare decoding. */
  readonly stills: { readonly wallRatio: number; readonly cpuRatio: number } | null;
  readonly slowest: string | null;
  readonly largest: string | null;
}

const stepSeconds = 600;
/** Longest side of prepared photos. */
const maxSide = 4096;

/**
 * Measures the preparation of each file of a folder, one after the other, in child processes like those of a film. Also
 * measures the bare decoding of the stills among them. Figures are medians of the rounds.
 *
 * @throws KeepsakeError `usage` where there is no /proc, and those of the pipeline; the signal's reason
 */
export async function benchPrepare(options: BenchPrepareOptions): Promise<BenchPrepareResult> {
  const { folder, roundCount, signal, onStep } = options;
  const media = options.media ?? (await makeMedia(folder, signal));
  const names = await listFiles(media);
  const fileCount = names.length * roundCount;
  await using preparers = openPreparers({ fileCount, concurrency: 1, folder });
  const files: PreparedCost[] = [];
  for (const file of names) {
    onStep?.(file);
    const source = path.join(media, file);
    const { sizeBytes, sha256 } = await hashFile(source);
    const rounds: Round[] = [];
    for (let round = 0; round < roundCount; round += 1) {
      const own = path.join(folder, "prepared");
      await mkdir(own);
      await copyFile(source, originalPath(own, sha256));
      const input = { path: originalPath(own, sha256), sha256, folder: own };
      rounds.push(await prepareOnce(preparers, input, { sizeBytes, signal }));
      await rm(own, { recursive: true });
    }
    files.push({ file, sizeBytes, ...summarise(rounds) });
  }
  return {
    files,
    stills: compareStills(files),
    slowest: worst(files, "wallSeconds"),
    largest: worst(files, "peakMib"),
  };
}

interface Round {
  readonly outcome: PreparedCost["outcome"];
  readonly cost: Cost;
  readonly peakMib: number;
  readonly bare: Cost | null;
}

async function prepareOnce(
  preparers: Preparers,
  input: PrepareInput,
  options: PrepareOptions,
): Promise<Round> {
  const { signal } = options;
  using watch = openPeakWatch();
  const prepare = async (): Promise<PreparedCost["outcome"]> => {
    try {
      return (await preparers.prepare(input, options)).asset.kind;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof KeepsakeError && error.fault === "file") return error.code;
      throw error;
    }
  };
  // This includes processes that are still running: that of the next file starts while this one is decoded.
  const { result: outcome, cost } = await costOf(prepare, liveTreeCpuSeconds);
  const peakMib = watch.peakMibByTask["prepare"] ?? 0;
  return { outcome, cost, peakMib, bare: outcome === "photo" ? await decodeBare(input, signal) : null };
}

async function decodeBare({ path: file, folder }: PrepareInput, signal: AbortSignal): Promise<Cost | null> {
  const task = new URL("./bare-still-child.js", import.meta.url);
  const run = { folder, signal, timeoutSeconds: stepSeconds };
  const decode = () => runChild<BareStillInput, number | null>(task, { path: file, maxSide }, run);
  const { result, cost } = await costOf(decode, liveTreeCpuSeconds);
  return result === null ? null : cost;
}

function summarise(rounds: readonly Round[]): Omit<PreparedCost, "file" | "sizeBytes"> {
  const [first] = rounds;
  if (first === undefined) throw new RangeError("No round was measured.");
  const bare = rounds.flatMap((round) => (round.bare === null ? [] : [round.bare]));
  return {
    outcome: first.outcome,
    ...medianCost(rounds.map(({ cost }) => cost)),
    peakMib: Math.max(...rounds.map(({ peakMib }) => peakMib)),
    bare: bare.length === 0 ? null : medianCost(bare),
  };
}

function medianCost(costs: readonly Cost[]): Cost {
  return {
    wallSeconds: median(costs.map(({ wallSeconds }) => wallSeconds)),
    cpuSeconds: median(costs.map(({ cpuSeconds }) => cpuSeconds)),
  };
}

function compareStills(files: readonly PreparedCost[]): BenchPrepareResult["stills"] {
  const stills = files.flatMap(({ bare, ...prepared }) => (bare === null ? [] : [{ prepared, bare }]));
  if (stills.length === 0) return null;
  const ratio = (of: keyof Cost): number =>
    sum(stills.map(({ prepared }) => prepared[of])) / sum(stills.map(({ bare }) => bare[of]));
  return { wallRatio: ratio("wallSeconds"), cpuRatio: ratio("cpuSeconds") };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function worst(files: readonly PreparedCost[], by: "wallSeconds" | "peakMib"): string | null {
  return files.toSorted((one, other) => other[by] - one[by])[0]?.file ?? null;
}

/** Lists only regular files, sorted by their relative paths. */
async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .sort();
}

/** Makes files like those of a phone: a photo of 12 megapixels, a minute of voice, ten seconds of 1080p. */
async function makeMedia(folder: string, signal: AbortSignal): Promise<string> {
  const media = path.join(folder, "media");
  await mkdir(media);
  const options = { folder, signal, timeoutSeconds: stepSeconds };
  const photoTask = new URL("./make-photo-child.js", import.meta.url);
  const photo = { seed: 1, width: 4032, height: 3024, path: path.join(media, "photo.jpg") };
  await runChild<MakePhotoInput, null>(photoTask, photo, options);
  const mediumTask = new URL("./make-medium-child.js", import.meta.url);
  const voice = { seed: 1, seconds: 60, picture: null, path: path.join(media, "voice.ogg") };
  await runChild<MakeMediumInput, null>(mediumTask, voice, options);
  const picture = { width: 1920, height: 1080, isPhones: true };
  const clip = { seed: 2, seconds: 10, picture, path: path.join(media, "clip.mp4") };
  await runChild<MakeMediumInput, null>(mediumTask, clip, options);
  return media;
}
