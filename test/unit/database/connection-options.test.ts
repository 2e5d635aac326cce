import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { parseConnectionString } from "../../../dist/database/connection-options.js";

const ref = "abcdefghijklmnopqrst";
const pooler = `postgres://postgres.${ref}:secret@aws-0-eu-central-1.pooler.supabase.com:6543/postgres`;

describe("parseConnectionString", () => {
  it.each([
    [
      "direct",
      `postgresql://postgres:secret@db.${ref}.supabase.co:5432/postgres`,
      `db.${ref}.supabase.co`,
      5432,
      "postgres",
    ],
    [
      "session pooler",
      `postgres://postgres.${ref}:secret@aws-0-eu-central-1.pooler.supabase.com:5432/postgres`,
      "aws-0-eu-central-1.pooler.supabase.com",
      5432,
      `postgres.${ref}`,
    ],
    ["transaction pooler", pooler, "aws-0-eu-central-1.pooler.supabase.com", 6543, `postgres.${ref}`],
    [
      "dedicated pooler",
      `postgres://postgres:secret@db.${ref}.supabase.co:6543/postgres?pgbouncer=true`,
      `db.${ref}.supabase.co`,
      6543,
      "postgres",
    ],
  ])("parses the dashboard's connection string of the %s", (_name, text, host, port, user) => {
    expect(parseConnectionString(text)).toEqual({
      host,
      port,
      user,
      password: "secret",
      database: "postgres",
      tls: { use: "if-offered" },
      startupOptions: null,
      address: `${host}:${port}/postgres`,
    });
  });

  it.each([
    [":/?#[]@% ", "%3A%2F%3F%23%5B%5D%40%25%20"],
    ["pä$$'\"wörd+", "p%C3%A4$$'%22w%C3%B6rd+"],
    ["unescaped@sign", "unescaped@sign"],
  ])("decodes the password %j", (password, written) => {
    const { host, ...target } = parseConnectionString(`postgres://postgres.${ref}:${written}@h.example/db`);
    expect(target).toMatchObject({ password, user: `postgres.${ref}`, port: 5432, database: "db" });
    expect(host).toBe("h.example");
  });

  it("removes the brackets from an IPv6 host but keeps them in the address for people", () => {
    expect(parseConnectionString("postgres://a:b@[2a05:d014::1]:6543/x")).toMatchObject({
      host: "2a05:d014::1",
      address: "[2a05:d014::1]:6543/x",
    });
  });

  it("uses the user name as the database name when none is given, as libpq does", () => {
    expect(parseConnectionString("postgres://anna@localhost")).toMatchObject({
      database: "anna",
      password: "",
      address: "localhost:5432/anna",
    });
  });

  it.each([
    ["", { use: "if-offered" }],
    ["?sslmode=prefer", { use: "if-offered" }],
    ["?sslmode=require", { use: "unchecked" }],
    ["?sslmode=disable", { use: "never" }],
    ["?sslmode=verify-ca", { use: "checked", authorities: null, checkName: false }],
    ["?sslmode=verify-full", { use: "checked", authorities: null, checkName: true }],
    ["?sslmode=verify-full&sslrootcert=system", { use: "checked", authorities: null, checkName: true }],
    ["?sslrootcert=system", { use: "checked", authorities: null, checkName: true }],
    ["?sslmode=require&sslrootcert=system", { use: "checked", authorities: null, checkName: true }],
  ])("derives the TLS demand from the parameters %j", (parameters, tls) => {
    expect(parseConnectionString(`${pooler}${parameters}`).tls).toEqual(tls);
  });

  it.each(["localhost", "127.0.0.1:5433", "[::1]"])(
    "requires no TLS on %s unless sslmode says so",
    (host) => {
      expect(parseConnectionString(`postgresql://a:b@${host}/x`).tls).toEqual({ use: "never" });
      expect(parseConnectionString(`postgresql://a:b@${host}/x?sslmode=require`).tls).toEqual({
        use: "unchecked",
      });
    },
  );

  it("sends the parameter `options` to the server, and no parameter of other tools", () => {
    const otherTools = "pgbouncer=true&supa=base-pooler.x&connection_limit=1&schema=public&connect_timeout=9";
    expect(parseConnectionString(`${pooler}?${otherTools}`).startupOptions).toBeNull();
    expect(parseConnectionString(`${pooler}?${otherTools}&options=-c%20a%3Db`).startupOptions).toBe("-c a=b");
  });

  it.each([
    ["", "not a connection string"],
    ["localhost", "not a connection string"],
    ["mysql://a@b/c", "not a connection string"],
    ["postgres://postgres:secr#et@host/postgres", "percent-encoded"],
    ["postgres://postgres:secr/et@host/postgres", "percent-encoded"],
    ["postgres://postgres:100%secret@host/postgres", "%25"],
    [`postgresql://postgres:[YOUR-PASSWORD]@db.${ref}.supabase.co:5432/postgres`, "placeholder"],
    ["postgres://a:secret@one,two/x", "several hosts"],
    ["postgres:///x", "no host"],
    ["postgres://host/x", "no user"],
    [`${pooler}?sslmode=yes`, "sslmode"],
    [`${pooler}?sslrootcert=/no/such.crt`, "/no/such.crt"],
  ])("rejects %j without repeating the password", (text, words) => {
    expect(() => parseConnectionString(text)).toThrow(
      expect.objectContaining({ code: "setting-invalid", message: expect.stringContaining(words) }),
    );
    expect(() => parseConnectionString(text)).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining("secret") }),
    );
  });

  it("shows no part of a password that was not percent-encoded", () => {
    const piece = fc.stringMatching(/^[a-z]{8}$/);
    const breaker = fc.constantFrom("@", ":", "/", "?", "#", "[", "]", "%", "&", "=", " ");
    fc.assert(
      fc.property(
        fc.array(fc.tuple(piece, breaker), { minLength: 1, maxLength: 4 }),
        piece,
        (parts, last) => {
          const password = parts.map((part) => part.join("")).join("") + last;
          const shown = shownOf(`postgres://owner:${password}@db.example.org:5432/postgres`);
          for (const word of password.match(/[a-z]{8}/g) ?? []) expect(shown).not.toContain(word);
        },
      ),
    );
  });
});

/** Returns what people see of a connection string: its address, or the reason why it is rejected. */
function shownOf(text: string): string {
  try {
    return parseConnectionString(text).address;
  } catch (error) {
    return (error as Error).message;
  }
}
