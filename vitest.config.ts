import { availableParallelism } from "node:os";

import { defineConfig, type TestProjectInlineConfiguration } from "vitest/config";

import { findPgbouncer } from "./test/find-pgbouncer.js";
import { SlowestFiles } from "./test/slowest-files.js";
import {
  e2eInTest,
  integrationOnlyInAll,
  queueOverDataApi,
  queueThroughPooler,
  repeatedInAll,
} from "./test/suites.js";

type TestOptions = NonNullable<TestProjectInlineConfiguration["test"]>;

// On a machine that is busy with other things a test takes as long as it takes. A limit ends only what hangs.
const timeoutMinutes = 10;

const common = {
  // Tests import the built files: what is tested is what runs, its child processes included.
  server: { deps: { external: [/\/dist(-tools)?\//] } },
  // Vitest leaves one processor to itself, so on two of them files would run one at a time.
  // Tests that may run at the same time mostly wait.
  maxConcurrency: 16,
  maxWorkers: Math.max(2, availableParallelism() - 1),
  setupFiles: "test/seed-properties.ts",
  testTimeout: timeoutMinutes * 60_000,
  hookTimeout: timeoutMinutes * 60_000,
  expect: { poll: { timeout: (timeoutMinutes - 1) * 60_000, interval: 20 } },
} satisfies TestOptions;

const project = (
  name: string,
  include: readonly string[],
  options: TestOptions = {},
): TestProjectInlineConfiguration => ({
  test: { ...common, name, include: [...include], ...options },
});

const throughPooler = (mode: keyof typeof queueThroughPooler) =>
  project(`more ${mode} pooler`, findPgbouncer() === null ? [] : queueThroughPooler[mode], {
    provide: { pooler: mode },
    env: { KEEPSAKE_TEST_RUNS: "15" },
  });

const integration = "test/integration/**/*.test.ts";
const e2e = "test/e2e/**/*.test.ts";

export default defineConfig({
  test: {
    server: common.server,
    globalSetup: "test/global-setup.ts",
    reporters: ["default", new SlowestFiles()],
    projects: [
      // `npm test` runs these three, `npm run test:more` those whose names begin with "more", `npm run test:all` both.
      project("unit", ["test/unit/**/*.test.ts"], { pool: "threads", isolate: false }),
      project("integration", [integration], {
        exclude: integrationOnlyInAll,
        env: { KEEPSAKE_TEST_RUNS: "40" },
      }),
      project("e2e", e2eInTest),
      project("more integration", integrationOnlyInAll),
      project("more runs", repeatedInAll, { env: { KEEPSAKE_TEST_RUNS: "300" } }),
      project("more e2e", [e2e], { exclude: e2eInTest }),
      throughPooler("transaction"),
      throughPooler("session"),
      project("more Data API", queueOverDataApi, { provide: { way: "data-api" } }),
      project("more fuzz", ["test/fuzz/**/*.test.ts"]),
      project("more chaos", ["test/chaos/**/*.test.ts"]),
      // Minutes long, and only where there is a corpus: `npm run test:corpus`.
      project("corpus", ["test/corpus/**/*.test.ts"]),
    ],
  },
});
