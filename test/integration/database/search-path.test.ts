/**
 * A login of `keepsake_worker` owns a temporary schema, and PostgreSQL looks into that one first for types and tables
 * where a function's path does not name it. Our functions run as their owner, so nothing in it may be used by them. The
 * objects made here only record that they were used.
 */
import { randomBytes, randomUUID } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";

import postgres from "postgres";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { filmOf, must, openQueueRig, payloadFor, type QueueRig } from "../queue/queue-rig.js";

const role = `worker_${randomBytes(4).toString("hex")}`;

let rig: QueueRig;
let loginUrl: string;
beforeAll(async () => {
  rig = await openQueueRig();
  await rig.sql.unsafe(`create role ${role} login password 'x' in role keepsake_worker`);
  const url = new URL(rig.url);
  url.username = role;
  url.password = "x";
  loginUrl = url.href;
});
beforeEach(async () => {
  await rig.clear();
});
afterAll(async () => {
  await rig.sql.unsafe(`drop role ${role}`);
  await rig[Symbol.asyncDispose]();
});

it("every function of Keepsake has the temporary schema last in its search path", async () => {
  const open = await rig.sql`
    select p.oid::regprocedure::text as name, p.proconfig as settings
    from pg_catalog.pg_proc as p
    where (
      p.pronamespace = 'keepsake'::regnamespace
      or p.oid in (
        'public.get_video_queue_status()'::regprocedure, 'public.add_video_generation_job(uuid)'::regprocedure,
        'public.keepsake_call(text, jsonb)'::regprocedure, 'pgmq.receive(text, integer, integer)'::regprocedure,
        'pgmq.size(text)'::regprocedure, 'pgmq.purge(text)'::regprocedure
      )
    ) and not exists (
      select from unnest(p.proconfig) as setting
      where setting in ('search_path=pg_catalog, pg_temp', 'search_path=public, extensions, pg_temp')
    )
    order by 1`;
  expect(open).toEqual([]);
});

describe("a login that has temporary objects of the names our SQL uses", () => {
  it.each([
    ["types", typesOf],
    ["tables", tablesOf],
    ["functions and operators", functionsOf],
  ])("no function uses the temporary %s of its caller", async (_, statementsFor) => {
    const used: string[] = [];
    const login = postgres(loginUrl, {
      max: 1,
      fetch_types: false,
      onnotice: ({ message = "" }) => {
        if (message.startsWith("used ")) used.push(message);
      },
    });
    try {
      await login.unsafe(`
        create function pg_temp.note_use(name pg_catalog.text) returns pg_catalog.bool language plpgsql as
        $$ begin raise warning 'used % as %', name, current_user; return true; end $$`);
      const made = await makeAll(login, await statementsFor(await namesInSql()));
      expect(made).toBeGreaterThan(50);
      // Objects made here do record their use.
      await login.unsafe("select 'x'::pg_temp.text").catch(() => undefined);
      await login.unsafe("select * from pg_temp.films").catch(() => undefined);
      await login.unsafe("select pg_temp.btrim('x'::pg_catalog.text)").catch(() => undefined);
      expect(used.splice(0)).not.toEqual([]);

      const called = await callAll(login);
      expect(used).toEqual([]);
      const granted = await rig.sql<{ name: string }[]>`
        select p.proname as name from pg_catalog.pg_proc as p
        where p.pronamespace = 'keepsake'::regnamespace and has_function_privilege(${role}, p.oid, 'execute')
        order by p.proname`;
      expect([...called].toSorted()).toEqual(granted.map(({ name }) => name));
    } finally {
      await login.end();
    }
  });
});

/** @returns names of the functions that were called, each of which answered */
async function callAll(login: postgres.Sql): Promise<ReadonlySet<string>> {
  const called = new Set<string>();
  // Literals without a type of their own: a type that is named in a test's statement would be the caller's.
  const call = async (name: string, values: string): Promise<string> => {
    const [row] = await login.unsafe<{ answer: string }[]>(
      `select pg_catalog.to_jsonb(r) operator(pg_catalog.#>>) '{}' as answer from keepsake.${name}(${values}) as r`,
    );
    called.add(name);
    return row?.answer ?? "null";
  };
  const byName = async (name: string, values: object): Promise<void> => {
    await call("call", `'${name}', '${JSON.stringify(values)}'`);
  };
  const startFilm = async (): Promise<{ fence: string; capsuleId: string; claimId: string }> => {
    const capsuleId = await rig.addCapsule();
    await rig.send(payloadFor(capsuleId));
    const claimId = randomUUID();
    const job = JSON.parse(await call("claim", `'w', 120, '${claimId}'`)) as {
      msg_id: number;
      read_ct: number;
    };
    const fence = `${job.msg_id}, ${job.read_ct}`;
    expect(await call("acquire", `${fence}, '${capsuleId}'`)).toBe("acquired");
    return { fence, capsuleId, claimId };
  };
  await call("applied_migrations", "");
  await call("catalogs", "");
  await call("register_worker", "'w', 1, '1', 'why'");
  const one = await startFilm();
  expect(await call("heartbeat", `${one.fence}, 120, 'painting', 1, 2, 'frames'`)).toBe("renewed");
  await call("capsule_content", `'${one.capsuleId}', 500, '{"columns": {"content_text": 3}, "words": 99}'`);
  await call("newest_media", "10");
  await call("try_publish", `'${filmOf("00000000-0000-0000-0000-000000000000").url}'`);
  const film = filmOf(one.capsuleId);
  const values = { url: film.url, fingerprint: film.fingerprint, content_digest: film.contentDigest };
  const published = JSON.stringify({
    ...values,
    size_bytes: 1,
    duration_seconds: 1,
    message_count: 1,
    warnings: [],
    timings: {},
  });
  expect(await call("publish", `${one.fence}, '${published}'`)).toBe("published");
  await call("published_film", `'${one.capsuleId}'`);
  await call("finish", `${(await startFilm()).fence}, 'failed', 'network', 'words', 'stack'`);
  await call("finish", `${(await startFilm()).fence}, 'rejected', 'payload-invalid', 'words'`);
  await call("report_outage", `'${(await startFilm()).claimId}', 'words'`);
  await rig.addCapsule();
  await call("sweep", "'w', 0, 0");
  await call("sweep", "'w', 0, 0");
  await call("prune", "7");
  await call("capsule_of", `'{"capsule_id": "${one.capsuleId}"}'`);
  await byName("claim", { worker: "w", lease_seconds: 120, claim_id: randomUUID() });
  await byName("catalogs", {});
  await byName("applied_migrations", {});
  await byName("capsule_content", { capsule_id: one.capsuleId, max_messages: 1 });
  await byName("try_publish", { url: film.url });
  await byName("sweep", { worker: "w", every_seconds: 0 });
  await rig.sql`delete from public.messages where capsule_id = ${one.capsuleId}::uuid`;
  await rig.sql`delete from public.capsules where id = ${one.capsuleId}::uuid`;
  await call("claim_removals", "90");
  await rig.sql`update keepsake.films set gone_at = gone_at - interval '91 days'`;
  expect(await call("claim_removals", "90")).toBe(one.capsuleId);
  expect(await call("finish_removal", `'${one.capsuleId}', 3, 'w'`)).toBe("true");
  expect(await call("forgotten_since", "0")).toContain(one.capsuleId);
  await call("unregister_worker", "'w'");
  return called;
}

/** @returns how many of them could be made: names of one kind exclude each other, and some types are no argument */
async function makeAll(login: postgres.Sql, statements: readonly string[]): Promise<number> {
  let made = 0;
  const quoted = statements.map(
    (one) =>
      `begin execute ${literal(one)}; made := made operator(pg_catalog.+) 1; exception when others then null; end;`,
  );
  for (let at = 0; at < quoted.length; at += 200) {
    await login.unsafe("create temporary table if not exists made_so_far (made pg_catalog.int4)");
    await login.unsafe(`
      do $do$ declare made pg_catalog.int4 := 0; begin
        ${quoted.slice(at, at + 200).join("\n")}
        insert into pg_temp.made_so_far values (made);
      end $do$`);
  }
  const [row] = await login.unsafe(
    "select pg_catalog.sum(made)::pg_catalog.int4 as made from pg_temp.made_so_far",
  );
  made = Number(must(row)["made"]);
  await login.unsafe("drop table pg_temp.made_so_far");
  return made;
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

async function namesInSql(): Promise<readonly string[]> {
  const names = new Set<string>();
  for (const file of await readdir("sql")) {
    const text = await readFile(`sql/${file}`, "utf8");
    for (const [name] of text.replaceAll(/--.*$/gm, "").matchAll(/\b[a-z_][a-z0-9_]*\b/g)) names.add(name);
  }
  // The grammar replaces the standard's names by these.
  for (const name of ["int4", "int8", "float8", "bool", "record", "void", "trigger", "name", "oid"])
    names.add(name);
  names.delete("note_use");
  return [...names];
}

/** Domains: a value that becomes one of them is checked, and the check records it. */
async function typesOf(names: readonly string[]): Promise<string[]> {
  const rows = await rig.sql<{ name: string; base: string }[]>`
    select n.name, coalesce(t.typname, 'text') as base from unnest(string_to_array(${names.join(",")}, ',')) as n (name)
    left join pg_catalog.pg_type as t
      on t.typname = n.name and t.typnamespace = 'pg_catalog'::regnamespace and t.typtype = 'b'`;
  return rows.map(
    ({ name, base }) =>
      `create domain pg_temp."${name}" as pg_catalog."${base}" check (pg_temp.note_use('type ${name}'))`,
  );
}

/** Views: reading one records it. */
async function tablesOf(names: readonly string[]): Promise<string[]> {
  const catalogs = await rig.sql<{ name: string }[]>`
    select relname as name from pg_catalog.pg_class where relnamespace = 'pg_catalog'::regnamespace and relkind in ('r', 'v')`;
  const all = new Set([...names, ...catalogs.map(({ name }) => name)]);
  return [...all].map(
    (name) => `create temporary view "${name}" as select pg_temp.note_use('table ${name}') as only_column`,
  );
}

async function functionsOf(names: readonly string[]): Promise<string[]> {
  const functions = await rig.sql<{ name: string; statement: string }[]>`
    select p.proname as name, format(
      'create function pg_temp.%I(%s) returns %s language plpgsql as $f$ begin perform pg_temp.note_use(%L); return null; end $f$',
      p.proname, (select string_agg(format('pg_catalog.%I', t.typname), ', ' order by a.place)
        from unnest(p.proargtypes::oid[]) with ordinality as a (type, place) join pg_catalog.pg_type as t on t.oid = a.type),
      (select format('pg_catalog.%I', t.typname) from pg_catalog.pg_type as t where t.oid = p.prorettype),
      'function ' || p.proname
    ) as statement
    from pg_catalog.pg_proc as p
    where p.pronamespace = 'pg_catalog'::regnamespace and p.prokind = 'f' and p.proname = any (string_to_array(${names.join(",")}, ','))`;
  const operators = await rig.sql<{ statement: string }[]>`
    select format(
      'create function pg_temp.%I(pg_catalog.%I, pg_catalog.%I) returns pg_catalog.%I language plpgsql as $f$ begin perform pg_temp.note_use(%L); return null; end $f$; create operator pg_temp.%s (function = pg_temp.%I, leftarg = pg_catalog.%I, rightarg = pg_catalog.%I)',
      'op_' || o.oid, l.typname, r.typname, a.typname, 'operator ' || o.oprname, o.oprname, 'op_' || o.oid, l.typname, r.typname
    ) as statement
    from pg_catalog.pg_operator as o
    join pg_catalog.pg_type as l on l.oid = o.oprleft
    join pg_catalog.pg_type as r on r.oid = o.oprright
    join pg_catalog.pg_type as a on a.oid = o.oprresult
    where o.oprnamespace = 'pg_catalog'::regnamespace
      and l.typname in ('text', 'uuid', 'int4', 'int8', 'jsonb', 'timestamptz', 'interval', 'bool', 'float8', 'oid', 'name', 'char')`;
  return [...functions, ...operators].map(({ statement }) => statement);
}
