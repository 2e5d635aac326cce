/** The order by `npm run fuzz`. Without it a small dose with a fixed seed runs. */
export interface FuzzOrder {
  readonly seed: number;
  /** The time in minutes; null for a small dose. */
  readonly minutes: number | null;
  /** A folder of files to begin with, beside those made here. */
  readonly folder: string | null;
  /** Begins only with files whose name, or kind, holds this; null for all. */
  readonly only: string | null;
  /** A file to be played again; nothing else is done then. */
  readonly replay: string | null;
  /** The folder for files with findings. */
  readonly findingsFolder: string | null;
  /** The file for the figures. */
  readonly resultFile: string | null;
}

export function readFuzzOrder(): FuzzOrder {
  const text = process.env["KEEPSAKE_FUZZ"];
  const small = {
    seed: 1,
    minutes: null,
    folder: null,
    only: null,
    replay: null,
    findingsFolder: null,
    resultFile: null,
  };
  return text === undefined ? small : { ...small, ...(JSON.parse(text) as Partial<FuzzOrder>) };
}
