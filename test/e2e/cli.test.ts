import { describe, expect, it } from "vitest";

import { keepsake, lastJson, runTool } from "./keepsake.js";

describe("the command line", () => {
  const misspelt: [string, string[], RegExp][] = [
    ["an unknown command", ["statsu"], /Unknown command statsu \(did you mean status\?\).*\[usage\]/],
    ["an unknown command of a group", ["failed", "lsit"], /Unknown command lsit \(did you mean list\?\)/],
    ["an unknown command under --help", ["statsu", "--help"], /did you mean status/],
    ["an unknown command after help", ["help", "statsu"], /did you mean status/],
    ["an unknown option", ["status", "--jsno"], /no option --jsno here \(did you mean --json\?\)/],
    ["an option without its value", ["pause", "--reason"], /--reason needs a value: --reason <text>/],
    ["a code that is none", ["films", "--warnings", "media-not-fuond"], /did you mean media-not-found/],
    ["a code that is not given", ["requeue", "--warnings"], /--warnings needs a value/],
    [
      "a rate that is none",
      ["render", "a.json", "--out", "a.mp4", "--fps", "24"],
      /keepsake: --fps must be 25/,
    ],
    [
      "a size that is none",
      ["render", "a.json", "--out", "a.mp4", "--size", "big"],
      /keepsake: --size must be/,
    ],
    ["a missing argument", ["render", "--out", "film.mp4"], /CAPSULE/],
    ["a number that is none", ["failed", "retry", "x", "--all"], /number of one dead letter|DATABASE_URL/],
    ["a word too many", ["failed", "retry", "5", "6"], /Unexpected argument "6"/],
    [
      "a film that is no MP4",
      ["render", "examples/capsule.json", "--out", "film.mkv"],
      /not the name of an MP4/,
    ],
    ["no words at all", [], /^$/],
  ];
  it.each(misspelt)("rejects %s with exit code 2", async (_what, args, message) => {
    const ran = await keepsake(args, {});
    expect(ran.exitCode).toBe(2);
    expect(ran.stderr).toMatch(message);
  });

  it("lists its commands, and the arguments of one, without colours away from a terminal", async () => {
    const [all, one] = [await keepsake(["--help"], {}), await keepsake(["failed", "retry", "--help"], {})];
    expect(all).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("render") as string });
    expect(one).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("--code") as string });
    expect(all.stdout + one.stdout).not.toContain("\u001B");
  });

  it.each(["--version", "-v"])("prints its version for %s", async (option) => {
    expect((await keepsake([option], {})).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it.each([
    [["help"], "USAGE keepsake demo|"],
    [["help", "failed"], "USAGE keepsake failed list|"],
    [["help", "failed", "list"], "USAGE keepsake failed list "],
    [["failed", "list", "--help"], "USAGE keepsake failed list "],
  ])("explains a command by its whole name: %s", async (args, usage) => {
    expect(await keepsake(args, {})).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining(usage) as string,
    });
  });

  it("explains a tool by the command that starts it", async () => {
    const [all, one] = [await runTool("bench", ["--help"], {}), await runTool("bench", ["paint", "-h"], {})];
    expect(all.stdout).toContain("USAGE npm run bench -- paint|");
    expect(one.stdout).toContain("USAGE npm run bench -- paint ");
  });

  it("names the commands of a group that has no default with exit code 2", async () => {
    const ran = await runTool("bench", ["--json"], {});
    expect(ran).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("one of paint, ") as string });
    expect(lastJson(ran)).toMatchObject({ error: { code: "usage" } });
  });

  it("takes --json before the command, and the options of the command that stands for a group", async () => {
    for (const args of [
      ["--json", "status"],
      ["failed", "--code", "capsule-invalid", "--json"],
    ]) {
      expect(lastJson(await keepsake(args, {}))).toMatchObject({ error: { code: "setting-missing" } });
    }
  });

  it.each([[["statsu", "--json"]], [["--json"]], [["render", "--json"]], [["pause", "--reason", "--json"]]])(
    "prints JSON for words that it does not understand: %s",
    async (args) => {
      expect(lastJson(await keepsake(args, {}))).toMatchObject({ error: { code: "usage" } });
    },
  );

  it("prints an error as JSON where JSON was asked for", async () => {
    expect(lastJson(await keepsake(["status", "--json"], {}))).toMatchObject({
      error: { code: "setting-missing" },
    });
  });
});
