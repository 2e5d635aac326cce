// Starts children for several films at once, each by a thread of its own, and exits after some milliseconds.
import { mkdirSync } from "node:fs";
import path from "node:path";

import { waitForStarters } from "../../../dist/process/confined-starter.js";
import { runChild } from "../../../dist/process/run-child.js";

const [folder, delayMs] = process.argv.slice(2);
const task = new URL("../../../dist/process/probe-child.js", import.meta.url);
const { signal } = new AbortController();
for (let film = 0; film < 8; film += 1) {
  const filmFolder = path.join(folder, String(film));
  mkdirSync(filmFolder, { recursive: true });
  runChild(task, null, { folder: filmFolder, signal, timeoutSeconds: 600 }).catch(() => undefined);
}
setTimeout(() => void waitForStarters().then(() => process.exit(130)), Number(delayMs));
