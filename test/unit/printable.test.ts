import { spawnSync } from "node:child_process";

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { printable } from "../../dist/printable.js";

const hostile =
  "x\n00:00:00 ERROR: fake\r\u001B[31mred\u009B0m\u001B]0;title\u0007\u202Egro\u2066\u200B\u{E0041}\u007F\uD800";
const acting = /[\p{Cc}\u202A-\u202E\u2066-\u2069\u200B\u{E0041}]/u;

describe("printable", () => {
  it("leaves one line without control characters", () => {
    expect(printable(hostile)).toBe(
      String.raw`x\u000a00:00:00 ERROR: fake\u000d\u001b[31mred\u009b0m\u001b]0;title\u0007\u202egro\u2066\u200b\udb40\udc41\u007f\ud800`,
    );
  });

  it("leaves words and emoji as they are", () => {
    for (const text of ["می\u200cخواهم", "👩\u200d👧", "É e\u0301 \u00a0 naïve", "क्\u200dष"])
      expect(printable(text)).toBe(text);
  });

  it("leaves JSON the same value", () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: "binary" }), (value) => {
        expect(JSON.parse(printable(JSON.stringify(value)))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});

describe("the log", () => {
  const write = (forTerminal: boolean): string[] => {
    const program = `
      const { createLog } = await import(${JSON.stringify(new URL("../../dist/log.js", import.meta.url).href)});
      const text = ${JSON.stringify(hostile)};
      createLog("info", ${forTerminal}).info({ text, err: new Error(text), deep: [{ text }] }, text);`;
    const ran = spawnSync(process.execPath, ["--input-type=module", "-e", program], {
      encoding: "utf8",
      env: { PATH: process.env["PATH"], NO_COLOR: "1" },
    });
    return ran.stderr.trimEnd().split("\n");
  };

  it("keeps each entry on its line, as JSON", () => {
    const lines = write(false);
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toMatch(acting);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({
      msg: hostile,
      text: hostile,
      deep: [{ text: hostile }],
    });
  });

  it("writes the level as a word", () => {
    expect(JSON.parse(write(false)[0] ?? "")).toMatchObject({ level: "info" });
  });

  it("lets nothing act on a terminal, nor look like another entry", () => {
    // Each entry begins by clearing a line of progress, and that is all that acts.
    const clearsLine = "\r\u001B[K";
    const [first = "", ...rest] = write(true);
    expect(first.startsWith(clearsLine)).toBe(true);
    const lines = [first.slice(clearsLine.length), ...rest];
    expect(lines.join("")).not.toMatch(acting);
    expect(lines.filter((line) => !line.startsWith(" "))).toHaveLength(1);
    expect(lines[0]).toContain(String.raw`INFO: x\u000a00:00:00 ERROR: fake`);
  });
});
