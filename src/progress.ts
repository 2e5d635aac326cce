/** The stages of a film, in their order; shown in a terminal, stored with the attempt. */
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

/** How far one stage is: `done` of `total`, in `unit`. */
export interface Progress {
  readonly stage: Stage;
  readonly done: number;
  readonly total: number;
  readonly unit: "files" | "scenes" | "frames" | "bytes" | "checks";
  /** How much of the stage is done, 0 to 1, where that is known of what is underway too: half of one long file. */
  readonly share?: number;
  /** Bytes that came of files; in all where the sizes of all are known. */
  readonly bytes?: { readonly done: number; readonly total: number | null };
}

export type ReportProgress = (progress: Progress) => void;
