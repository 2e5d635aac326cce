/**
 * A corpus is a folder of files, some from real devices and some harmful by design. Each file is fetched and prepared
 * alone, and the outcome is compared with the one in the manifest.
 */
import { mkdir, rm } from "node:fs/promises";
import path from "node:path";

import type { Asset } from "../../dist/media/asset.js";
import type { ErrorCode } from "../../dist/errors.js";
import type { FilmConfig } from "../../dist/settings/config.js";
import { examineFile, type Examined } from "./examine-file.js";
import { examineText } from "./examine-text.js";
import { compareSamples } from "./media-sample.js";
import { sampleAsset } from "./sample-asset.js";
import type { References } from "./read-references.js";
import { listCorpus, type CorpusFile, type Expectation } from "./list-corpus.js";
import { sampleRate } from "../../dist/media/sound/sound-format.js";

export interface RunCorpusOptions {
  /** Folder of the corpus. */
  readonly corpus: string;
  /** Expected pictures and sounds of files, as far as they are known. */
  readonly references: References;
  /** Settings of the films that texts are laid out for. */
  readonly settings: FilmConfig;
  /** Private and existing. */
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly onStep?: (step: string) => void;
}

/** `card`: the film shows a card with the reason why the file is missing. No file may crash or hang a process. */
export type FileOutcome = "shown" | "card" | "crashed" | "hung";

export interface CorpusEntry {
  readonly file: string;
  readonly expected: Expectation | null;
  readonly outcome: FileOutcome;
  /** Whether the outcome is the expected one. */
  readonly isMet: boolean;
  readonly kind: "photo" | "animation" | "clip" | "voice" | "words" | null;
  /** Size of the picture in pixels. */
  readonly width: number | null;
  readonly height: number | null;
  readonly durationSeconds: number | null;
  readonly code: ErrorCode | null;
  readonly reason: string | null;
  /** Differences from the reference. */
  readonly differences: readonly string[];
  /** Parts of the file that are left out. */
  readonly remarks: readonly string[];
  readonly milliseconds: number;
  /** Peak memory of the process that decoded it. */
  readonly peakMib: number;
}

export interface CorpusReport {
  readonly files: readonly CorpusEntry[];
  readonly totals: CorpusTotals;
}

export interface CorpusTotals extends Readonly<Record<FileOutcome, number>> {
  readonly files: number;
  readonly unmet: number;
  readonly milliseconds: number;
  /** Peak memory of the largest process. */
  readonly peakMib: number;
}

/** Folder of files whose lines are used as texts of messages. */
const textFolder = "text/";

/**
 * Fetches and prepares each file, one after the other.
 *
 * @throws KeepsakeError `usage` for a folder that is not a corpus; errors that are not a file's fault; the signal's reason
 */
export async function runCorpus(options: RunCorpusOptions): Promise<CorpusReport> {
  const { corpus, references, signal, onStep } = options;
  const files: CorpusEntry[] = [];
  for (const listed of await listCorpus(corpus)) {
    onStep?.(listed.file);
    const folder = path.join(options.folder, "file");
    await mkdir(folder, { mode: 0o700 });
    if (listed.file.startsWith(textFolder)) {
      const text = await examineText(listed.file, { corpus, folder, signal }, options.settings);
      files.push({ ...reportOfText(listed), ...text });
      await rm(folder, { recursive: true });
      continue;
    }
    const examined = await examineFile(listed.file, { corpus, folder, signal });
    const reference = references[listed.file];
    const sample =
      examined.asset === null || reference === undefined
        ? null
        : await sampleAsset(examined.asset, folder, signal);
    files.push(report(listed, examined, sample === null ? [] : compareSamples(sample, reference ?? {})));
    await rm(folder, { recursive: true });
  }
  return { files, totals: sum(files) };
}

function reportOfText({ file, expected }: CorpusFile): Omit<CorpusEntry, "durationSeconds" | "milliseconds"> {
  return {
    file,
    expected,
    outcome: "shown",
    isMet: isAsExpected("shown", expected),
    kind: "words",
    width: null,
    height: null,
    code: null,
    reason: null,
    differences: [],
    remarks: [],
    peakMib: 0,
  };
}

function report(
  { file, expected }: CorpusFile,
  examined: Examined,
  differences: readonly string[],
): CorpusEntry {
  const { asset, rejection, ...costs } = examined;
  const outcome = outcomeOf(rejection?.code ?? null);
  return {
    file,
    expected,
    outcome,
    isMet: isAsExpected(outcome, expected) && differences.length === 0,
    ...describe(asset),
    code: rejection?.code ?? null,
    reason: rejection?.reason ?? null,
    differences,
    ...costs,
  };
}

function outcomeOf(code: ErrorCode | null): FileOutcome {
  if (code === null) return "shown";
  if (code === "media-preparation-crashed") return "crashed";
  return code === "media-preparation-timed-out" ? "hung" : "card";
}

function isAsExpected(outcome: FileOutcome, expected: Expectation | null): boolean {
  if (outcome === "shown") return expected !== "reject";
  return outcome === "card" && expected !== "render";
}

function describe(asset: Asset | null): Pick<CorpusEntry, "kind" | "width" | "height" | "durationSeconds"> {
  if (asset === null) return { kind: null, width: null, height: null, durationSeconds: null };
  if (asset.kind === "sound") {
    return { kind: "voice", width: null, height: null, durationSeconds: asset.sampleCount / sampleRate };
  }
  const { width, height } = asset;
  if (asset.kind === "photo") return { kind: "photo", width, height, durationSeconds: null };
  const { durationSeconds, loopSeconds } = asset;
  return { kind: loopSeconds === undefined ? "clip" : "animation", width, height, durationSeconds };
}

function sum(files: readonly CorpusEntry[]): CorpusTotals {
  const count = (outcome: FileOutcome): number => files.filter((file) => file.outcome === outcome).length;
  return {
    files: files.length,
    shown: count("shown"),
    card: count("card"),
    crashed: count("crashed"),
    hung: count("hung"),
    unmet: files.filter(({ isMet }) => !isMet).length,
    milliseconds: files.reduce((total, { milliseconds }) => total + milliseconds, 0),
    peakMib: Math.max(...files.map(({ peakMib }) => peakMib)),
  };
}
