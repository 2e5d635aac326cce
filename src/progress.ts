/** The stages of a film, in their order; shown in a terminal, stored with the attempt. */
const stages = [
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
}

export type ReportProgress = (progress: Progress) => void;
