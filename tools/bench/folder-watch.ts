import { lstat, readdir } from "node:fs/promises";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";

export interface FolderWatch extends AsyncDisposable {
  /** The most that the folder and all below it had on disk so far, each file once however many names it has. */
  readonly peakBytes: number;
}

const pauseMs = 1000;
const blockBytes = 512;

/** Looks at a folder about once a second. */
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
    // It may be gone by now.
    const file = await lstat(path.join(entry.parentPath, entry.name)).catch(() => null);
    if (file === null || seen.has(file.ino)) continue;
    seen.add(file.ino);
    bytes += file.blocks * blockBytes;
  }
  return bytes;
}
