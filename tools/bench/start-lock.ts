import type { PostgresDatabase } from "../../dist/database/open-database.js";

const lockKey = 5_291_730;

/** Makes all callers of `waitForStart` wait until `whenReady` has resolved. */
export async function holdStart({ sql }: PostgresDatabase, whenReady: () => Promise<unknown>): Promise<void> {
  await sql.begin(async (transaction) => {
    await transaction`select pg_advisory_xact_lock(${lockKey}::bigint)`;
    await whenReady();
  });
}

/** Waits until `holdStart` ends. Uses the connection that the worker needs later, so that no additional one is opened. */
export async function waitForStart({ control }: PostgresDatabase): Promise<void> {
  const limits = { timeoutSeconds: 600 };
  await control.query((sql) => sql`select pg_advisory_xact_lock_shared(${lockKey}::bigint)`, limits);
}
