import { describe, expect, it } from "vitest";

import { keepsake, lastJson } from "./keepsake.js";

describe("the command line", () => {
  const misspelt: [string, string[], RegExp][] = [
    ["an unknown command", ["statsu"], /Unknown command statsu/],
    ["an unknown option", ["status", "--jsno"], /no option --jsno/],
    ["a missing argument", ["render", "--out", "film.mp4"], /CAPSULE/],
    ["a number that is none", ["failed", "retry", "x", "--all"], /Name one dead letter|DATABASE_URL/],
    ["a word too many", ["failed", "retry", "5", "6"], /"6" is one word too many/],
    [
      "a film that is no MP4",
      ["render", "examples/capsule.json", "--out", "film.mkv"],
      /not the name of an MP4/,
    ],
    ["no words at all", [], /^$/],
  ];
  it.each(misspelt)("refuses %s with exit code 2", async (_what, args, message) => {
    const ran = await keepsake(args, {});
    expect(ran.exitCode).toBe(2);
    expect(ran.stderr).toMatch(message);
  });

  it("lists its commands, and the arguments of one, without colours where nobody looks on", async () => {
    const [all, one] = [await keepsake(["--help"], {}), await keepsake(["failed", "retry", "--help"], {})];
    expect(all).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("render") as string });
    expect(one).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("--code") as string });
    expect(all.stdout + one.stdout).not.toContain("\u001B");
  });

  it("prints its version", async () => {
    expect((await keepsake(["--version"], {})).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it("prints an error as JSON where JSON was asked for", async () => {
    expect(lastJson(await keepsake(["status", "--json"], {}))).toMatchObject({
      error: { code: "setting-missing" },
    });
  });
});
