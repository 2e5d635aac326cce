import type { PostgresDatabase } from "../../dist/database/open-database.js";

const lockKey = 5_291_730;

/** Keeps all who wait for the start waiting until `whenReady` has resolved. */
export async function holdStart({ sql }: PostgresDatabase, whenReady: () => Promise<unknown>): Promise<void> {
  await sql.begin(async (transaction) => {
    await transaction`select pg_advisory_xact_lock(${lockKey}::bigint)`;
    await whenReady();
  });
}

/** Waits on the connection that is used afterwards, so that a worker has no more of them than it has without this. */
export async function waitForStart({ control }: PostgresDatabase): Promise<void> {
  const limits = { timeoutSeconds: 600 };
  await control.query((sql) => sql`select pg_advisory_xact_lock_shared(${lockKey}::bigint)`, limits);
}
