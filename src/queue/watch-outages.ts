import type { Database, Functions } from "../database/database.js";
import type { OutageLog } from "./outage-log.js";

/** The same database, each of whose answers and failures is told to the log of outages. */
export function watchOutages(database: Database, outages: OutageLog): Database {
  const watch = (functions: Functions): Functions => ({
    call: async (functionName, values, limits) => {
      try {
        const result = await functions.call<never>(functionName, values, limits);
        outages.answered();
        return result;
      } catch (error) {
        // A call that its caller gave up says nothing of the database.
        if (limits?.signal?.aborted !== true) outages.failed(error);
        throw error;
      }
    },
  });
  return {
    address: database.address,
    control: watch(database.control),
    heartbeats: watch(database.heartbeats),
    [Symbol.asyncDispose]: async () => await database[Symbol.asyncDispose](),
  };
}
