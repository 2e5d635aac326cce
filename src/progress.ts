/** The stages of a film, in order; shown in a terminal and stored with the attempt. */
export const stages = [
  "fetching",
  "preparing",
  "listening",
  "drawing",
  "painting",
  "mixing",
  "joining",
  "inspecting",
  "uploading",
] as const;

export type Stage = (typeof stages)[number];

/** Progress of one stage: `done` of `total`, in `unit`. */
export interface Progress {
  readonly stage: Stage;
  readonly done: number;
  readonly total: number;
  readonly unit: "files" | "scenes" | "frames" | "bytes" | "checks";
  /** Part of the stage that is done, 0 to 1, including unfinished units, e.g. half of one long file; absent if unknown. */
  readonly share?: number;
  /** Bytes of files that have arrived; `total` is null while a size is unknown. */
  readonly bytes?: { readonly done: number; readonly total: number | null };
}

export type ReportProgress = (progress: Progress) => void;
