import { readConfig } from "../settings/config.js";
import { requireStorage } from "../settings/require-setting.js";
import { KeepsakeError } from "../errors.js";
import { createLog } from "../log.js";
import { serveTask } from "../process/serve-task.js";
import { checkDatabase } from "../database/check-database.js";
import { openDatabase } from "../database/open-database.js";
import { createStore } from "../storage/create-store.js";
import { work } from "../worker/run-worker.js";

export interface IdleWorkerInput {
  readonly url: string;
  readonly name: string;
  /** For the films that it will not make. */
  readonly folder: string;
}

/** The whole worker with the settings it has by itself, until it is killed. */
serveTask<IdleWorkerInput, null, "ready">(async ({ url, name, folder }, report) => {
  const config = readConfig({
    DATABASE_URL: url,
    KEEPSAKE_WORKER_NAME: name,
    KEEPSAKE_STORAGE_FOLDER: folder,
    KEEPSAKE_WORK_FOLDER: folder,
    KEEPSAKE_CACHE_FOLDER: folder,
  });
  await using database = openDatabase(url, { applicationName: `keepsake ${name}` });
  const { signal } = new AbortController();
  const [problem] = await checkDatabase(database, signal);
  if (problem !== undefined) throw new KeepsakeError(problem.code, problem.message);
  report("ready");
  await work({
    config,
    database,
    store: createStore(requireStorage(config)),
    log: createLog("silent", false),
    signal,
  });
  return null;
});
