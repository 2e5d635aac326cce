import { readConfig } from "../../dist/settings/config.js";
import { requireStorage } from "../../dist/settings/require-setting.js";
import { KeepsakeError } from "../../dist/errors.js";
import { createLog } from "../../dist/log.js";
import { serveTask } from "../../dist/process/serve-task.js";
import { checkDatabase } from "../../dist/database/check-database.js";
import { openDatabase } from "../../dist/database/open-database.js";
import { createStore } from "../../dist/worker/create-store.js";
import { work } from "../../dist/worker/run-worker.js";

export interface IdleWorkerInput {
  readonly url: string;
  readonly name: string;
  /** Folder for films, of which it makes none. */
  readonly folder: string;
}

/** Runs the whole worker with default settings, until it is killed. */
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
