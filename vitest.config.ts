import { defineConfig } from "vitest/config";

// Tests import the built files: what is tested is what runs, its child processes included.
const dist = { server: { deps: { external: [/\/dist\//] } } };

export default defineConfig({
  test: {
    projects: [
      { test: { ...dist, name: "unit", include: ["test/unit/**/*.test.ts"] } },
      {
        test: {
          ...dist,
          name: "integration",
          include: ["test/integration/**/*.test.ts"],
          globalSetup: "test/database-server.ts",
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
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
