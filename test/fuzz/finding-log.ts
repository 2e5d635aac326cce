import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";

import type { Confirmed } from "./confirm-preparation.js";

export interface Finding {
  /** Findings of one signature have one cause, as far as can be seen from outside. */
  readonly signature: string;
  readonly fault: string;
  /** The seed file, for mutated files. */
  readonly seedFile: string;
  readonly seed: number;
  readonly number: number;
  readonly changes: readonly string[];
  /** The outcome of the real child; null for values, which need no child. */
  readonly confirmed: Confirmed | null;
}

export interface FindingLog {
  readonly findings: readonly (Finding & { readonly times: number; readonly file: string | null })[];
  /** Counts it; true for the first few of a signature. */
  wants(signature: string): boolean;
  add(finding: Finding, bytes: Buffer): Promise<void>;
}

const keptPerSignature = 2;

/** @param folder where files that found something are kept, to be played again */
export function createFindingLog(folder: string, tell: (line: string) => void): FindingLog {
  const times = new Map<string, number>();
  const kept: (Finding & { readonly file: string | null })[] = [];
  return {
    get findings() {
      return kept.map((finding) => ({ ...finding, times: times.get(finding.signature) ?? 0 }));
    },
    wants(signature) {
      const count = (times.get(signature) ?? 0) + 1;
      times.set(signature, count);
      return count <= keptPerSignature;
    },
    async add(finding, bytes) {
      await mkdir(folder, { recursive: true });
      const file = path.join(folder, `${finding.seed}-${finding.number}.bin`);
      await writeFile(file, bytes);
      kept.push({ ...finding, file });
      tell(
        [
          `FINDING seed ${finding.seed} number ${finding.number} (${finding.seedFile}): ${finding.fault.slice(0, 600)}`,
          `  by ${finding.changes.join("; ").slice(0, 400)}`,
          `  alone: ${finding.confirmed === null ? "not tried" : JSON.stringify(finding.confirmed).slice(0, 800)}`,
          `  kept as ${file}`,
        ].join("\n"),
      );
    },
  };
}

/** Removes numbers and other parts that differ from case to case. */
export function signatureOf(kind: string, fault: string): string {
  const lines = fault.split("\n");
  const where = lines.find((line) => /^\s+at /.test(line))?.replace(/.*\//, "") ?? "";
  return `${kind}: ${(lines[0] ?? "").replaceAll(/[\d.]+/g, "#").slice(0, 160)} ${where.replaceAll(/:\d+/g, "")}`.trim();
}
