import type { Progress, ReportProgress } from "../../progress.js";

/** Reports the progress of a stage: finished files, and the done share of the others. */
export interface FileProgress {
  underway(key: string, part: FilePart): void;
  finish(key: string): void;
  report(): void;
}

interface FilePart {
  /** 0 to 1; null when it is unknown. */
  readonly share: number | null;
  readonly bytes?: { readonly done: number; readonly total: number | null };
}

const minIntervalMs = 200;

/** @param files the weight of each file: how much of the stage's work it is, relative to the others */
export function createFileProgress(
  stage: Progress["stage"],
  files: ReadonlyMap<string, number>,
  onProgress: ReportProgress,
  doneBefore: Iterable<string> = [],
): FileProgress {
  const parts = new Map<string, FilePart>();
  const finished = new Set(doneBefore);
  const allWeight = [...files.values()].reduce((sum, weight) => sum + weight, 0);
  let reportedAt = -Infinity;

  const report = (): void => {
    reportedAt = performance.now();
    const done = finished.size;
    const progress = { stage, done, total: files.size, unit: "files" as const };
    if (done === files.size || parts.size === 0) {
      onProgress(progress);
      return;
    }
    let weight = 0;
    const bytes = { done: 0, total: 0 as number | null };
    for (const [key, fileWeight] of files) {
      const part = parts.get(key);
      weight += fileWeight * (finished.has(key) ? 1 : (part?.share ?? 0));
      const size = part?.bytes ?? null;
      bytes.done += size?.done ?? 0;
      const total = size === null ? null : size.total;
      bytes.total = total === null || bytes.total === null ? null : bytes.total + total;
    }
    onProgress({
      ...progress,
      share: allWeight === 0 ? 0 : weight / allWeight,
      ...(bytes.done > 0 && { bytes }),
    });
  };
  return {
    underway(key, part) {
      parts.set(key, part);
      if (performance.now() - reportedAt >= minIntervalMs) report();
    },
    finish(key) {
      finished.add(key);
      report();
    },
    report,
  };
}
