import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { cleanText, parseDate, parseTimestamp } from "../../../dist/capsule/clean-value.js";

describe("cleanText", () => {
  it.each([
    ["", null],
    [" \u0000\u001b ", null],
    ["a\u0000b\u009fc", "abc"],
    ["a\r\nb\rc\u2028d", "a\nb\nc\nd"],
    ["tab\tstays", "tab\tstays"],
    ["👩‍👩‍👧 \ud800", "👩‍👩‍👧 \ufffd"],
    ["\u200fשלום\u200e", "\u200fשלום\u200e"],
  ])("%j becomes %j", (text, expected) => {
    expect(cleanText(text)).toBe(expected);
  });

  it("has nothing more to do the second time", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const once = cleanText(text);
        expect(cleanText(once ?? "")).toBe(once);
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
    ["infinity", null],
    ["2024-13-01T00:00:00Z", null],
    ["yesterday", null],
    [null, null],
  ])("%j becomes %j", (text, expected) => {
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
    [undefined, null],
  ])("%j becomes %j", (text, expected) => {
    expect(parseDate(text)).toBe(expected);
  });
});
