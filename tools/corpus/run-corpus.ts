/**
 * A corpus is a folder of files as people's devices make them, and as strangers do to harm: each is sent through the
 * border by itself, and what becomes of it is held against what its manifest expects.
 */
import { mkdir, rm } from "node:fs/promises";
import path from "node:path";

import type { Asset } from "../../dist/media/asset.js";
import type { ErrorCode } from "../../dist/errors.js";
import type { FilmConfig } from "../../dist/settings/config.js";
import { examineFile, type Examined } from "./examine-file.js";
import { examineWords } from "./examine-words.js";
import { compareLooks } from "./look.js";
import { lookAtAsset } from "./look-at-asset.js";
import type { References } from "./read-references.js";
import { listCorpus, type CorpusFile, type Expectation } from "./list-corpus.js";
import { sampleRate } from "../../dist/media/sound/sound-format.js";

export interface RunCorpusOptions {
  /** The corpus. */
  readonly corpus: string;
  /** What files should look and sound like, as far as it is known. */
  readonly references: References;
  /** Of the films that words are set for. */
  readonly settings: FilmConfig;
  /** Private and existing. */
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly onStep?: (step: string) => void;
}

/** A `card` says that something could not be included; nothing may crash or hang, whatever is expected of it. */
export type Outcome = "shown" | "card" | "crashed" | "hung";

export interface CorpusEntry {
  readonly file: string;
  readonly expected: Expectation | null;
  readonly outcome: Outcome;
  /** Whether that is what is expected. */
  readonly isMet: boolean;
  readonly kind: "photo" | "animation" | "clip" | "voice" | "words" | null;
  /** Pixels of what is shown. */
  readonly width: number | null;
  readonly height: number | null;
  readonly durationSeconds: number | null;
  readonly code: ErrorCode | null;
  readonly reason: string | null;
  /** In what it looks or sounds other than it should. */
  readonly differences: readonly string[];
  /** What had to be left out of what is shown. */
  readonly remarks: readonly string[];
  readonly milliseconds: number;
  /** Of the process that decoded it. */
  readonly peakMib: number;
}

export interface CorpusReport {
  readonly files: readonly CorpusEntry[];
  readonly totals: CorpusTotals;
}

export interface CorpusTotals extends Readonly<Record<Outcome, number>> {
  readonly files: number;
  readonly unmet: number;
  readonly milliseconds: number;
  /** Of the largest process. */
  readonly peakMib: number;
}

/** Below it are files whose lines are people's words, not files that people send. */
const wordsFolder = "text/";

/**
 * Sends each file through the border, one after the other.
 *
 * @throws KeepsakeError `usage` for a folder that is no corpus; what is not a file's fault; the signal's reason
 */
export async function runCorpus(options: RunCorpusOptions): Promise<CorpusReport> {
  const { corpus, references, signal, onStep } = options;
  const files: CorpusEntry[] = [];
  for (const listed of await listCorpus(corpus)) {
    onStep?.(listed.file);
    const folder = path.join(options.folder, "file");
    await mkdir(folder, { mode: 0o700 });
    if (listed.file.startsWith(wordsFolder)) {
      const words = await examineWords(listed.file, { corpus, folder, signal }, options.settings);
      files.push({ ...reportOfWords(listed), ...words });
      await rm(folder, { recursive: true });
      continue;
    }
    const examined = await examineFile(listed.file, { corpus, folder, signal });
    const reference = references[listed.file];
    const look =
      examined.asset === null || reference === undefined
        ? null
        : await lookAtAsset(examined.asset, folder, signal);
    files.push(report(listed, examined, look === null ? [] : compareLooks(look, reference ?? {})));
    await rm(folder, { recursive: true });
  }
  return { files, totals: sum(files) };
}

function reportOfWords({
  file,
  expected,
}: CorpusFile): Omit<CorpusEntry, "durationSeconds" | "milliseconds"> {
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
  const { asset, refusal, ...costs } = examined;
  const outcome = outcomeOf(refusal?.code ?? null);
  return {
    file,
    expected,
    outcome,
    isMet: isAsExpected(outcome, expected) && differences.length === 0,
    ...describe(asset),
    code: refusal?.code ?? null,
    reason: refusal?.reason ?? null,
    differences,
    ...costs,
  };
}

function outcomeOf(code: ErrorCode | null): Outcome {
  if (code === null) return "shown";
  if (code === "media-preparation-crashed") return "crashed";
  return code === "media-preparation-timed-out" ? "hung" : "card";
}

function isAsExpected(outcome: Outcome, expected: Expectation | null): boolean {
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
  const count = (outcome: Outcome): number => files.filter((file) => file.outcome === outcome).length;
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
