// A worker with the real queue, the real store and real child processes. Its films are empty and take as long as the plan
// in the capsule says. Where the plan has `hold`, the film waits at that stage and reports it, so that it can be stopped.
import { createHash } from "node:crypto";
import { EventEmitter, once } from "node:events";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { loadCapsule } from "../../dist/capsule/load.js";
import { hashFile } from "../../dist/files/hash-file.js";
import { createLog } from "../../dist/log.js";
import { waitForStarters } from "../../dist/process/confined-starter.js";
import { runChild } from "../../dist/process/run-child.js";
import { consume } from "../../dist/queue/consumer.js";
import { createUnreportedNotes } from "../../dist/queue/unreported-notes.js";
import { openDatabase } from "../../dist/database/open-database.js";
import { Stop } from "../../dist/async/stop.js";
import { createSupabaseStore } from "../../dist/storage/supabase-store.js";
import { openWorkFolder, sweepWorkFolders } from "../../dist/files/work-folder.js";

const { name, databaseUrl, storageUrl, storageKey, workFolder, storeSettings, ...settings } = JSON.parse(
  process.argv[2],
);
const paintTask = new URL("./fake-paint-child.mjs", import.meta.url);
const gates = new EventEmitter();
const never = new AbortController().signal;
const sendMessage = (message) => process.connected && process.send(message);

const stopping = new AbortController();
for (const signalName of ["SIGTERM", "SIGINT"]) {
  process.on(signalName, () => {
    if (stopping.signal.aborted) void waitForStarters().then(() => process.exit(130));
    else stopping.abort(new Stop("shutdown", `${signalName} was received.`));
  });
}
const leave = () => process.exit(1);
process.on("disconnect", leave);
process.on("message", ({ go }) => gates.emit(go));

const store = createSupabaseStore({
  projectUrl: storageUrl,
  serviceKey: storageKey,
  bucket: "videos",
  uploadsFolder: path.join(workFolder, "../uploads"),
  ...storeSettings,
});
const database = openDatabase(databaseUrl, { applicationName: name, connections: settings.slots + 2 });
await sweepWorkFolders(workFolder);
sendMessage({ type: "ready" });
try {
  const summary = await consume({
    ...settings,
    database,
    workerName: name,
    handler: makeFakeFilm,
    signal: stopping.signal,
    log: createLog("warn", false),
    unreportedNotes: createUnreportedNotes(path.join(workFolder, "../unreported"), database.address),
    onAttemptEnd: ({ msgId, ...report }) => sendMessage({ type: "ended", ...report, msgId: String(msgId) }),
  });
  sendMessage({ type: "stopped", ...summary });
} finally {
  await database[Symbol.asyncDispose]();
  process.off("disconnect", leave);
  process.disconnect();
}

async function makeFakeFilm(attempt) {
  const { capsuleId, msgId, readCount } = attempt;
  const { content, digest: contentDigest } = await loadCapsule(database, capsuleId, attempt.signal);
  const words = content.messages[0].text;
  const plan = JSON.parse(words);
  // A stubborn film ignores the abort, so that only the fence protects the rows.
  const signal = plan.stubborn ? never : attempt.signal;
  const about = { capsuleId, msgId: String(msgId), readCount };
  const holdAt = async (stage) => {
    if (plan.hold !== stage || readCount !== 1) return;
    const gone = once(gates, capsuleId);
    sendMessage({ type: "held", stage, ...about });
    await gone;
  };
  const fingerprint = createHash("sha256").update(`${capsuleId} ${words}`).digest("hex");
  const published = await attempt.findPublished();
  if (published?.fingerprint === fingerprint) return { outcome: "duplicate", fingerprint, contentDigest };

  const folder = await openWorkFolder(workFolder);
  try {
    attempt.report({ stage: "fetching", done: 0, total: 1, unit: "files" });
    await sleep(plan.seconds * 100, undefined, { signal });
    await holdAt("fetch");

    sendMessage({ type: "painting", ...about });
    const film = path.join(folder.path, "film.mp4");
    const poster = path.join(folder.path, "poster.jpg");
    const header = plan.sameBytes ? "" : `${JSON.stringify({ ...about, worker: name })}\n`;
    const small = plan.hold === "in-upload" || plan.hold === "fenced" ? 200_000 : 16_000;
    const sizeBytes = plan.sizeBytes ?? small;
    const crash = plan.crash === true;
    let held = Promise.resolve();
    let painting = false;
    await runChild(
      paintTask,
      { seconds: plan.seconds * 0.8, crash, header, fingerprint, sizeBytes, film, poster },
      {
        signal,
        timeoutSeconds: 600,
        folder: folder.path,
        onProgress: (progress) => {
          attempt.report(progress);
          if (!painting) held = holdAt("paint");
          painting = true;
        },
      },
    );
    await held;
    await sleep(plan.seconds * 100, undefined, { signal });
    await holdAt("before-upload");

    const put = async (file, extension, contentType, fence) =>
      await store.put({
        file,
        ...(await hashFile(file)),
        fingerprint,
        path: `${capsuleId}.${extension}`,
        contentType,
        signal,
        onBytes: (done) => attempt.report({ stage: "uploading", done, total: sizeBytes, unit: "bytes" }),
        fence,
      });
    const posterUrl = await put(poster, "jpg", "image/jpeg", attempt.fence);
    const url = await put(film, "mp4", "video/mp4", async () => {
      await holdAt("in-upload");
      await attempt.fence();
      await holdAt("fenced");
    });
    return {
      outcome: "published",
      film: {
        fingerprint,
        contentDigest,
        url: `${url}?v=${fingerprint.slice(0, 12)}`,
        posterUrl,
        ...(await hashFile(film)),
        durationSeconds: plan.seconds,
        messageCount: content.messages.length,
        warnings: [],
        timings: {},
      },
    };
  } finally {
    await folder[Symbol.asyncDispose]();
  }
}
