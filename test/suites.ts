import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/**
 * Integration tests that `npm test` leaves to `npm run test:all`: they repeat a rule that other files prove already, with
 * more inputs, over longer outages or on other versions, or they test what no worker runs. They take half of the time.
 */
export const integrationOnlyInAll = [
  "assets/broken-transfers",
  "assets/corpus",
  "assets/cut-pictures",
  "assets/find-focus",
  "assets/fuzz-cases",
  "assets/hostile-addresses",
  "assets/hostile-servers",
  "assets/picture-bombs",
  "assets/prepared-limits",
  "bench/measure-colour",
  "bench/measure-picture",
  "bench/measure-sync",
  "chaos/audit",
  "database/backups",
  "database/bring-back",
  "database/open-database",
  "database/pgmq-updates",
  "database/print-migrations",
  "demo/sample-media",
  "embedded/embedded-database",
  "film/banding",
  "film/contrast",
  "film/every-shape",
  "film/full-disk",
  "film/inspect",
  "film/large-packets",
  "film/motion",
  "film/sound-times",
  "film/typeset-corpus",
  "media/video-encoder",
  "process/recorded-calls",
  "queue/large-payloads",
  "queue/lost-connection",
  "queue/publishing-trial",
  "queue/rough-life",
  "queue/server-restart",
  "queue/status-with-many-dead-letters",
  "queue/storm",
  "queue/status-of-films",
  "scripts/setup",
  "speech/recogniser",
  "storage/storage-faults",
].map(inFolder("integration"));

/** End-to-end tests of `npm test`: a film from queue to published file, a killed worker, and each command once. */
export const e2eInTest = ["captions", "cli", "examples", "operator", "work"].map(inFolder("e2e"));

/** Tests of random inputs that `npm run test:all` runs once more, with more inputs: `KEEPSAKE_TEST_RUNS`. */
export const repeatedInAll = ["test/integration/queue/job-life.test.ts"].map(existing);

/** Tests of the queue that are run once more through a real PgBouncer in a mode, where it is installed. */
export const queueThroughPooler = {
  transaction: queueTests("job-life", "publish", "finish", "consumer", "consumer-stops", "storm"),
  session: queueTests("consumer", "consumer-stops"),
};

/** Tests of the queue that are run once more over the Data API, with a service key alone. */
export const queueOverDataApi = queueTests(
  "claim",
  "order",
  "publish",
  "finish",
  "forget",
  "report-outage",
  "operating",
  "enqueue-by-operator",
  "incomplete-films",
  "dead-letters",
  "purge",
  "sweep",
  "consumer",
  "consumer-stops",
);

function queueTests(...names: readonly string[]): readonly string[] {
  return names.map((name) => `queue/${name}`).map(inFolder("integration"));
}

function inFolder(folder: string): (name: string) => string {
  return (name) => existing(`test/${folder}/${name}.test.ts`);
}

/** A test that was renamed must be renamed here too, or it would silently move to the other command. */
function existing(file: string): string {
  if (existsSync(fileURLToPath(new URL(`../${file}`, import.meta.url)))) return file;
  throw new Error(`${file} does not exist. Correct its name in test/suites.ts.`);
}
