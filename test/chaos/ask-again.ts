import { setTimeout as sleep } from "node:timers/promises";

/** Asks a server that is up again; the connection may have died with the one before. */
export async function askAgain<Rows>(query: () => PromiseLike<Rows>): Promise<Rows> {
  for (let turn = 0; ; turn += 1) {
    try {
      return await query();
    } catch (error) {
      if (turn === 50) throw error;
      await sleep(200);
    }
  }
}
