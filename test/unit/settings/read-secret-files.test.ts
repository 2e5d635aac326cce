import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { readConfig } from "../../../dist/settings/config.js";

const key = "sb_secret_0123456789abcdefghijkl";
const databaseUrl = "postgresql://postgres:pass%20word@db.example.org:5432/postgres";
const project = { SUPABASE_URL: "https://abcdefgh.supabase.co" };

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "keepsake-secrets-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function put(name: string, text: string | Buffer): string {
  const file = path.join(folder, name);
  writeFileSync(file, text);
  return file;
}

function failureOf(environment: Record<string, string>): Error & { readonly code?: string } {
  try {
    readConfig(environment);
  } catch (error) {
    return error as Error;
  }
  throw new Error("It was taken.");
}

describe("a secret by file", () => {
  it.each([key, `${key}\n`, `${key}\r\n`, `\uFEFF ${key}\n\n`])(
    "is read without white space and a byte order mark around it: %j",
    (text) => {
      const { storage, database, secretSources } = readConfig({
        ...project,
        SUPABASE_SERVICE_ROLE_KEY_FILE: put("key", text),
        DATABASE_URL_FILE: put("url", `${databaseUrl}\n`),
      });
      expect(storage).toMatchObject({ kind: "supabase", serviceKey: key });
      expect(database).toEqual({ kind: "postgres", url: databaseUrl });
      expect([...secretSources]).toEqual([
        ["DATABASE_URL", "DATABASE_URL_FILE"],
        ["SUPABASE_SERVICE_ROLE_KEY", "SUPABASE_SERVICE_ROLE_KEY_FILE"],
      ]);
    },
  );

  it("is a credential of systemd where the file's name is relative, or where its name is the setting's", () => {
    put("anything", key);
    put("DATABASE_URL", databaseUrl);
    const environment = { ...project, CREDENTIALS_DIRECTORY: folder };
    const config = readConfig({ ...environment, SUPABASE_SERVICE_ROLE_KEY_FILE: "anything" });
    expect(config.storage).toMatchObject({ serviceKey: key });
    expect(config.database).toEqual({ kind: "postgres", url: databaseUrl });
    rmSync(path.join(folder, "DATABASE_URL"));
    expect(readConfig({ CREDENTIALS_DIRECTORY: folder }).database).toBeNull();
  });

  it("overrides no setting that has a value: a credential of the same name is ignored", () => {
    put("DATABASE_URL", "postgresql://other.example.org/postgres");
    const config = readConfig({ DATABASE_URL: databaseUrl, CREDENTIALS_DIRECTORY: folder });
    expect(config.database).toEqual({ kind: "postgres", url: databaseUrl });
    expect(config.secretSources.size).toBe(0);
    rmSync(path.join(folder, "DATABASE_URL"));
  });

  it("is not read where the setting is empty", () => {
    const config = readConfig({ DATABASE_URL: databaseUrl, DATABASE_URL_FILE: " " });
    expect(config.database).toEqual({ kind: "postgres", url: databaseUrl });
  });
});

describe("a secret by file is rejected, and not shown,", () => {
  it.each([
    ["SUPABASE_SERVICE_ROLE_KEY", key],
    ["DATABASE_URL", databaseUrl],
  ])("where %s is set as well", (name, value) => {
    const failure = failureOf({ [name]: value, [`${name}_FILE`]: put("other", value) });
    expect(failure.code).toBe("setting-invalid");
    expect(failure.message).toMatch(new RegExp(`${name} and ${name}_FILE are both set`));
    expect(failure.message).not.toContain(value);
  });

  it.each([
    ["is not there", () => path.join(folder, "not-there"), /cannot be read \(ENOENT\)/],
    ["is a folder", () => folder, /cannot be read \(EISDIR\)/],
    ["is empty", () => put("empty", "\n \n"), /is empty/],
    ["is no key", () => put("large", Buffer.alloc(70_000, "k")), /more than 65536 bytes/],
    [
      "holds something else",
      () => put("page", `${key}\n${key}`),
      /SUPABASE_SERVICE_ROLE_KEY_FILE, must be one word/,
    ],
    ["is the key itself", () => key, /SUPABASE_SERVICE_ROLE_KEY_FILE contains what looks like a key/],
  ])("where the file %s", (_what, file, said) => {
    const failure = failureOf({ ...project, SUPABASE_SERVICE_ROLE_KEY_FILE: file() });
    expect(failure.code).toBe("setting-invalid");
    expect(failure.message).toContain("SUPABASE_SERVICE_ROLE_KEY_FILE");
    expect(failure.message).toMatch(said);
    expect(failure.message).not.toContain(key);
  });

  it("where another setting contains it too", () => {
    const failure = failureOf({
      ...project,
      SUPABASE_SERVICE_ROLE_KEY_FILE: put("key", key),
      KEEPSAKE_OPERATOR: `maria ${key}`,
    });
    expect(failure.message).toContain("KEEPSAKE_OPERATOR contains what looks like a key");
  });
});
