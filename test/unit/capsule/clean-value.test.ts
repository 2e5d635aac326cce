import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { cleanName, cleanText, parseDate, parseTimestamp } from "../../../dist/capsule/clean-value.js";

describe("cleanText", () => {
  it.each([
    ["", null],
    [" \u0000\u001b ", null],
    ["a\u0000b\u009fc", "abc"],
    ["a\r\nb\rc\u2028d", "a\nb\nc\nd"],
    ["tab\tstays", "tab\tstays"],
    ["👩‍👩‍👧 \ud800", "👩‍👩‍👧 \ufffd"],
    ["\u200fשלום\u200e", "\u200fשלום\u200e"],
  ])("turns %j into %j", (text, expected) => {
    expect(cleanText(text)).toBe(expected);
  });

  it("changes nothing the second time", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const once = cleanText(text);
        expect(cleanText(once ?? "")).toBe(once);
      }),
    );
  });
});

describe("cleanText", () => {
  it.each([
    "\u200b\u2060\ufeff",
    "\u202e\u2066",
    "\u3164\u115f",
    "\u{e0041}\u{e0042}",
    "\u0301\u0302",
    "\ue000",
  ])("returns null for %j, which has no visible character", (text) => {
    expect(cleanText(text)).toBeNull();
  });
});

describe("cleanName", () => {
  it.each([
    ["Ada\nLovelace\t", "Ada Lovelace"],
    ["Ada \u202egro.live", "Ada gro.live"],
    ["\u2067שרה\u2066 (Ada", "שרה (Ada"],
    ["A\u200bd\u00ada\ufeff", "Ada"],
    ["\u202e\u200b", null],
    ["می\u200cخواهم", "می\u200cخواهم"],
    ["👩\u200d👧", "👩\u200d👧"],
    ["\u200fשרה\u200e", "\u200fשרה\u200e"],
    [`e${"\u0301".repeat(400)}`, `e${"\u0301".repeat(4)}`],
  ])("turns %j into %j", (name, expected) => {
    expect(cleanName(name)).toBe(expected);
  });

  it("changes nothing the second time", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (name) => {
        const once = cleanName(name);
        expect(cleanName(once ?? "")).toBe(once);
      }),
    );
  });
});

describe("parseTimestamp", () => {
  it.each([
    ["2024-01-01T00:00:00Z", "2024-01-01T00:00:00.000000Z"],
    ["2024-01-01T00:00:00", "2024-01-01T00:00:00.000000Z"],
    ["2024-01-01 00:00:00.5", "2024-01-01T00:00:00.500000Z"],
    ["2024-01-01T00:00:00.123456+05:30", "2023-12-31T18:30:00.123456Z"],
    ["2024-01-01 00:00:00+02", "2023-12-31T22:00:00.000000Z"],
    ["2024-01-01 00:00:00-0330", "2024-01-01T03:30:00.000000Z"],
    ["2024-01-01T10:30", "2024-01-01T10:30:00.000000Z"],
    ["2024-01-01 10:30+02", "2024-01-01T08:30:00.000000Z"],
    ["2024-01-01", "2024-01-01T00:00:00.000000Z"],
    ["2024-01-01T10:30.5", null],
    ["2024-02-30", null],
    ["1714557600", "2024-05-01T10:00:00.000000Z"],
    ["1714557600.25", "2024-05-01T10:00:00.250000Z"],
    ["1714557600123", "2024-05-01T10:00:00.123000Z"],
    ["1714557600123456", "2024-05-01T10:00:00.123456Z"],
    ["1714557600000000000", "2024-05-01T10:00:00.000000Z"],
    ["20240501", null],
    ["20240501100000", null],
    ["7", null],
    ["infinity", null],
    ["2024-13-01T00:00:00Z", null],
    ["yesterday", null],
    ["-infinity", null],
    ["0044-03-15T00:00:00 BC", null],
    ["0000-01-01T00:00:00", null],
    ["0001-01-01T00:00:00+14:00", null],
    ["0001-01-01T00:00:00", "0001-01-01T00:00:00.000000Z"],
    ["9999-12-31T23:59:59-01", null],
    ["10000-01-01T00:00:00", null],
    ["2026-02-30T10:00:00", null],
    ["2026-05-01T10:00:60Z", null],
    ["2026-05-01T10:00:00+05:45", "2026-05-01T04:15:00.000000Z"],
    ["2026-05-01T10:00:00+15:59", "2026-04-30T18:01:00.000000Z"],
    ["2026-05-01T10:00:00+24:00", null],
    ["2026-05-01T10:00:00 Europe/Berlin", null],
    ["", null],
  ])("turns %j into %j", (text, expected) => {
    expect(parseTimestamp(text)).toBe(expected);
  });
});

describe("parseDate", () => {
  it.each([
    ["1941-03-09", "1941-03-09"],
    [" 1941-03-09T10:00:00 ", "1941-03-09"],
    ["1940-02-29", "1940-02-29"],
    ["1941-02-29", null],
    ["09.03.1941", null],
    ["1941-03-091", null],
    ["0044-03-15 BC", null],
    ["1941-03-09T00:00:00 BC", null],
    ["1941-03-09 00:00:00+00", "1941-03-09"],
    ["infinity", null],
    ["0000-01-01", null],
    ["10000-01-01", null],
    ["", null],
  ])("turns %j into %j", (text, expected) => {
    expect(parseDate(text)).toBe(expected);
  });
});
