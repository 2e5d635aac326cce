import { describe, expect, it } from "vitest";

import { parseConnectionString } from "../../../dist/queue/connection-options.js";

const supabase = "postgres://postgres.ref:secret@aws-0-eu.pooler.supabase.com:6543/postgres";

describe("parseConnectionString", () => {
  it.each([
    [supabase, "prefer"],
    [`${supabase}?sslmode=require`, "require"],
    [`${supabase}?sslmode=disable`, false],
    [`${supabase}?sslmode=verify-full`, "verify-full"],
    ["postgresql://a:b@localhost/x", false],
    ["postgresql://a:b@127.0.0.1:5433/x", false],
  ])("%s", (text, ssl) => {
    expect(parseConnectionString(text).ssl).toEqual(ssl);
  });

  it("checks the certificate but not the name in it for verify-ca", () => {
    const { ssl } = parseConnectionString(`${supabase}?sslmode=verify-ca`);
    expect(ssl).toMatchObject({ rejectUnauthorized: true, checkServerIdentity: expect.any(Function) });
  });

  it("takes out what the server would refuse, and keeps the rest", () => {
    const { url } = parseConnectionString(`${supabase}?pgbouncer=true&sslmode=require&options=-c%20a%3Db`);
    expect(new URL(url).search).toBe("?options=-c+a%3Db");
  });

  it("has an address without keys", () => {
    expect(parseConnectionString(supabase).address).toBe("aws-0-eu.pooler.supabase.com:6543/postgres");
    expect(parseConnectionString("postgres://a:b@localhost/x").address).toBe("localhost:5432/x");
  });

  it.each([
    "",
    "localhost",
    "mysql://a@b/c",
    `${supabase}?sslmode=yes`,
    `${supabase}?sslrootcert=/no/such.crt`,
  ])("refuses %j without repeating the password", (text) => {
    expect(() => parseConnectionString(text)).toThrow(
      expect.objectContaining({ code: "setting-invalid", message: expect.not.stringContaining("secret") }),
    );
  });
});
