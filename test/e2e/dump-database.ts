import type { Sql } from "postgres";

import type { Evidence } from "./marks.js";

/**
 * Every row of every table that holds something of Keepsake's or PGMQ's, as text, and what the server shows of those
 * who speak to it. The messages themselves are left out: what people wrote into them is the app's.
 */
export async function dumpDatabase(sql: Sql): Promise<readonly Evidence[]> {
  const tables = await sql<{ name: string }[]>`
    select format('%I.%I', n.nspname, c.relname) as name
    from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p', 'm') and c.relpersistence <> 't'
      and n.nspname not in ('pg_catalog', 'pg_toast')
      and c.oid <> 'public.messages'::regclass
    order by 1`;
  const rows: Evidence[] = [];
  for (const { name } of tables) {
    const found = await sql.unsafe<{ row: string }[]>(`select t::text as row from ${name} as t`);
    rows.push({ where: `the table ${name}`, bytes: found.map(({ row }) => row).join("\n") });
  }
  const activity = await sql<{ row: string }[]>`select a::text as row from pg_stat_activity as a`;
  const comments = await sql<{ row: string }[]>`select d::text as row from pg_description as d`;
  return [
    ...rows,
    { where: "pg_stat_activity", bytes: activity.map(({ row }) => row).join("\n") },
    { where: "pg_description", bytes: comments.map(({ row }) => row).join("\n") },
  ];
}
