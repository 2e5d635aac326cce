// Starts children for several films, each by a thread of its own, and exits after some milliseconds. More films start
// while the program waits to exit.
import { mkdirSync } from "node:fs";
import path from "node:path";

import { waitForStarters } from "../../../dist/process/confined-starter.js";
import { runChild } from "../../../dist/process/run-child.js";

const [folder, delayMs] = process.argv.slice(2);
const task = new URL("../../../dist/process/probe-child.js", import.meta.url);
const { signal } = new AbortController();
let film = 0;
function startFilms(count) {
  for (let index = 0; index < count; index += 1) {
    film += 1;
    const filmFolder = path.join(folder, String(film));
    mkdirSync(filmFolder, { recursive: true });
    runChild(task, null, { folder: filmFolder, signal, timeoutSeconds: 600 }).catch(() => undefined);
  }
}

startFilms(6);
setTimeout(() => {
  void waitForStarters().then(() => process.exit(130));
  setTimeout(() => startFilms(3), 5);
}, Number(delayMs));
