import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { expect, it } from "vitest";

import { appSchemaSql } from "../../../dist/embedded/app-schema.js";
import { openEmbeddedDatabase } from "../../../dist/embedded/embedded-database.js";
import { enqueueCapsule } from "../../../dist/operator/enqueue.js";
import { migrate } from "../../../dist/database/migrate.js";
import { readPgmqSql } from "../../../dist/embedded/pgmq-sql.js";
import { openDatabase } from "../../../dist/database/open-database.js";
import { filmOf, never } from "./queue-rig.js";
import { runConsumer } from "./run-consumer.js";

it("a worker goes on when PostgreSQL is restarted under it, and again, during a film and between films", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "keepsake-restart-"));
  let server = await openEmbeddedDatabase({ folder });
  const port = Number(new URL(server.url).port);
  const restart = async (): Promise<void> => {
    await server[Symbol.asyncDispose]();
    server = await openEmbeddedDatabase({ folder, port });
  };
  try {
    await using database = openDatabase(server.url);
    await database.control.query((sql) => sql.unsafe(appSchemaSql));
    await migrate(database, { pgmqSql: readPgmqSql, signal: never });
    const send = async (): Promise<string> => {
      const id = randomUUID();
      await database.control.query(
        (sql) =>
          sql`insert into public.capsules (id, title, status) values (${id}::uuid, 'Margaret Hollis', 'closed')`,
      );
      await enqueueCapsule(database, id, never);
      return id;
    };
    const ids = [await send(), await send()];
    await using consumer = runConsumer(database, async (attempt) => {
      await attempt.fence();
      if (attempt.capsuleId === ids[0]) await restart();
      await attempt.fence();
      const [row] = await database.control.query(
        (sql) =>
          sql<{ digest: string }[]>`select keepsake.content_digest(${attempt.capsuleId}::uuid) as digest`,
      );
      return {
        outcome: "published",
        film: { ...filmOf(attempt.capsuleId), contentDigest: row?.digest ?? null },
      };
    });
    for (const capsuleId of ids) {
      expect(await consumer.ended()).toMatchObject({ outcome: "published", capsuleId, readCount: 1 });
    }
    await restart();
    ids.push(await send().catch(send));
    expect(await consumer.ended()).toMatchObject({ outcome: "published", capsuleId: ids[2], readCount: 1 });
  } finally {
    await server[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  }
});
