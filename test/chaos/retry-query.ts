import { setTimeout as sleep } from "node:timers/promises";

/** Repeats a query of a restarted server, because the first tries may use a connection that the restart ended. */
export async function retryQuery<Rows>(query: () => PromiseLike<Rows>): Promise<Rows> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await query();
    } catch (error) {
      if (tries === 50) throw error;
      await sleep(200);
    }
  }
}
