// Waits for the given seconds and writes a file in place of the film: a header that names the attempt, and bytes that
// depend on the fingerprint alone.
import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

import { serveTask } from "../../dist/process/serve-task.js";

const steps = 10;

serveTask(async ({ seconds, crash, header, fingerprint, sizeBytes, film, poster }, report) => {
  for (let step = 0; step < steps; step += 1) {
    await sleep((seconds * 1000) / steps);
    if (crash && step === steps / 2) process.kill(process.pid, "SIGSEGV");
    report({ stage: "painting", done: step + 1, total: steps, unit: "frames" });
  }
  const block = createHash("sha512").update(fingerprint).digest();
  await writeFile(film, Buffer.concat([Buffer.from(header), Buffer.alloc(sizeBytes, block)]));
  await writeFile(poster, block);
  return null;
});
