import type { Readable } from "node:stream";

import type { FileVersion } from "../../http/range-resume.js";

/** Where the bytes of one file come from; may be opened again after a break. */
export interface MediaSource {
  /** @throws KeepsakeError with fault `world` (worth another try) or `file` (not) */
  open(offsetBytes: number, signal: AbortSignal): Promise<OpenedSource>;
}

export interface OpenedSource extends FileVersion {
  readonly body: Readable;
  /** Where in the file the body begins: the offset asked for, or 0 when only the whole file can be had. */
  readonly offsetBytes: number;
  /** Size of the whole file, when it is known. */
  readonly sizeBytes: number | null;
}
