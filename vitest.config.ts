import { availableParallelism } from "node:os";

import { defineConfig } from "vitest/config";

import { findPgbouncer } from "./test/find-pgbouncer.js";

// Tests import the built files: what is tested is what runs, its child processes included.
const dist = { server: { deps: { external: [/\/dist(-tools)?\//] } } };
// Vitest leaves one processor to itself, so on two of them files would run one at a time.
const sideBySide = { ...dist, maxWorkers: Math.max(2, availableParallelism() - 1) };

/** What is run once more through a real PgBouncer in this mode, where it is installed. */
const throughPooler = (mode: "transaction" | "session", files: readonly string[]) => ({
  test: {
    ...sideBySide,
    name: `${mode} pooler`,
    include: findPgbouncer() === null ? [] : files.map((name) => `test/integration/queue/${name}.test.ts`),
    globalSetup: "test/database-server.ts",
    provide: { pooler: mode },
    env: { KEEPSAKE_TEST_RUNS: "15" },
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});

/** What is run once more over the Data API, with a service key alone. */
const overDataApi = (files: readonly string[]) => ({
  test: {
    ...sideBySide,
    name: "Data API",
    include: files.map((name) => `test/integration/queue/${name}.test.ts`),
    globalSetup: "test/database-server.ts",
    provide: { way: "data-api" as const },
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});

export default defineConfig({
  test: {
    projects: [
      { test: { ...sideBySide, name: "unit", include: ["test/unit/**/*.test.ts"], testTimeout: 60_000 } },
      {
        test: {
          ...sideBySide,
          name: "integration",
          include: ["test/integration/**/*.test.ts"],
          globalSetup: "test/database-server.ts",
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      throughPooler("transaction", ["job-life", "publish", "settle", "consumer", "consumer-stops", "storm"]),
      throughPooler("session", ["consumer", "consumer-stops"]),
      overDataApi([
        "claim",
        "order",
        "publish",
        "settle",
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
      ]),
      {
        test: {
          ...dist,
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          globalSetup: "test/database-server.ts",
          testTimeout: 300_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
      // Minutes long, and only where there is a corpus: not part of `npm test`.
      {
        test: {
          ...sideBySide,
          name: "corpus",
          include: ["test/corpus/**/*.test.ts"],
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          ...dist,
          name: "fuzz",
          include: ["test/fuzz/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          ...dist,
          name: "chaos",
          include: ["test/chaos/**/*.test.ts"],
          globalSetup: "test/database-server.ts",
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
