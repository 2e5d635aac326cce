import type { Readable } from "node:stream";

import type { FileVersion } from "../../http/file-parts.js";

/** The source of one file's bytes. It may be opened again after a break. */
export interface MediaSource {
  /** @throws KeepsakeError with fault `world` (another try may succeed) or `file` (it cannot) */
  open(offsetBytes: number, signal: AbortSignal): Promise<OpenedSource>;
}

export interface OpenedSource extends FileVersion {
  readonly body: Readable;
  /** Offset of the body in the file: the requested one, or 0 when only the whole file is available. */
  readonly offsetBytes: number;
  /** Size of the whole file; null when it is unknown. */
  readonly sizeBytes: number | null;
}
