import { lstat, readdir } from "node:fs/promises";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";

export interface FolderWatch extends AsyncDisposable {
  /** Peak size on disk of the folder with all below it. A file with several names counts once. */
  readonly peakBytes: number;
}

const pauseMs = 1000;
const blockBytes = 512;

/** Measures a folder about once a second. */
export function openFolderWatch(folder: string): FolderWatch {
  const stop = new AbortController();
  let peakBytes = 0;
  const watching = (async () => {
    while (!stop.signal.aborted) {
      peakBytes = Math.max(peakBytes, await sizeOf(folder));
      await wait(pauseMs, undefined, { signal: stop.signal }).catch(() => undefined);
    }
  })();
  return {
    get peakBytes() {
      return peakBytes;
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await watching;
    },
  };
}

async function sizeOf(folder: string): Promise<number> {
  const seen = new Set<number>();
  let bytes = 0;
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    // The file may have been removed since.
    const file = await lstat(path.join(entry.parentPath, entry.name)).catch(() => null);
    if (file === null || seen.has(file.ino)) continue;
    seen.add(file.ino);
    bytes += file.blocks * blockBytes;
  }
  return bytes;
}
