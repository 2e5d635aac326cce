import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { checkDatabase } from "../../../dist/database/check-database.js";
import { openDatabase } from "../../../dist/database/open-database.js";
import { publishFilm } from "../../../dist/queue/publish-film.js";
import { filmOf, must, never, openQueueRig, type QueueRig } from "../queue/queue-rig.js";

let rig: QueueRig;
beforeAll(async () => {
  rig = await openQueueRig();
});
afterAll(async () => {
  await rig[Symbol.asyncDispose]();
});

// A snapshot that is older than the lock on the capsule would miss the message that the lock waited for.
describe.each(["repeatable read", "serializable"])("a database that is %s by default", (level) => {
  it("rejects a database of another default isolation before a claim and before a publication", async () => {
    await rig.clear();
    const { capsuleId, job } = await rig.startFilm();
    const before = await rig.snapshot();
    const [row] = await rig.sql<{ name: string }[]>`select current_database() as name`;
    const { name } = must(row);
    await rig.sql.unsafe(`alter database "${name}" set default_transaction_isolation = '${level}'`);
    try {
      await using strict = openDatabase(rig.url);
      const refused = { code: "database-refused", message: expect.stringContaining("read committed") };
      await expect(checkDatabase(strict, never)).rejects.toMatchObject(refused);
      await expect(publishFilm(strict, job, filmOf(capsuleId))).rejects.toMatchObject(refused);
    } finally {
      await rig.sql.unsafe(`alter database "${name}" reset default_transaction_isolation`);
    }
    expect(await rig.snapshot()).toEqual(before);
  });
});
