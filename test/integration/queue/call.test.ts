import { readFile } from "node:fs/promises";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { openQueueRig, type QueueRig } from "./queue-rig.js";

const text = await readFile(new URL("../../../sql/013_call.sql", import.meta.url), "utf8");
const functionNames = [...text.matchAll(/^ {4}when '(\w+)' then/gm)].map(([, name = ""]) => name);

let rig: QueueRig;
beforeAll(async () => {
  rig = await openQueueRig();
});
afterAll(async () => {
  await rig[Symbol.asyncDispose]();
});

/** The SQLSTATE that a call of it without arguments ends with, as this role; null: it answers. Nothing of it stays. */
async function callAs(role: string, name: string): Promise<string | null> {
  let state: string | null = null;
  const undo = new Error("undo");
  await rig.sql
    .begin(async (sql) => {
      await sql.unsafe(`set local role ${role}`);
      await sql`select keepsake.call(${name}::text, '{}'::jsonb)`.catch((error: { code: string }) => {
        state = error.code;
      });
      throw undo;
    })
    .catch((error: unknown) => {
      if (error !== undo && state === null) throw error;
    });
  return state;
}

describe("keepsake.call", () => {
  it.each(functionNames)("finds %s, and service_role may call it", async (name) => {
    // Missing arguments may be refused; a missing function or grant may not be.
    expect(["42501", "42883", "42P01", "42703", "42725"]).not.toContain(await callAs("service_role", name));
  });

  it("knows no other function", async () => {
    expect(await callAs("service_role", "call")).toBe("42883");
  });

  it("answers nobody else", async () => {
    for (const role of ["anon", "authenticated"]) expect(await callAs(role, "resume")).toBe("42501");
  });
});
