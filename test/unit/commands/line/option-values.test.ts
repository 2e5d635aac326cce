import { describe, expect, it } from "vitest";

import { optionalValue, pairOptions } from "../../../../dist/commands/line/option-values.js";

const known = {
  capsule: { type: "positional" },
  reason: { type: "string", valueHint: "text" },
  warnings: { type: "string", valueHint: optionalValue("code") },
  running: { type: "boolean" },
  json: { type: "boolean" },
} as const;

const pair = (...words: string[]): string[] => pairOptions(words, known, "keepsake pause --help");

describe("the words after a command", () => {
  it.each([
    ["an option and its value", ["--reason", "moved"], ["--reason=moved"]],
    ["an option with its value behind an equals sign", ["--reason=a=b"], ["--reason=a=b"]],
    ["a value that is empty on purpose", ["--reason="], ["--reason="]],
    ["a value that is a hyphen", ["--reason", "-"], ["--reason=-"]],
    ["an option that may stand alone, at the end", ["--warnings"], ["--warnings="]],
    ["an option that may stand alone, before another", ["--warnings", "--json"], ["--warnings=", "--json"]],
    [
      "an option that may stand alone, with its value",
      ["--warnings", "x", "--json"],
      ["--warnings=x", "--json"],
    ],
    ["a switch before a word", ["--running", "id"], ["--running", "id"]],
    ["a switch turned off", ["--no-json"], ["--no-json"]],
  ])("are paired: %s", (_what, words, paired) => {
    expect(pair(...words)).toEqual(paired);
  });

  it.each([
    ["an option without its value", ["--reason"], /^--reason needs a value: --reason <text>/],
    ["an option for a value", ["--reason", "--json"], /^--reason needs a value/],
    [
      "an unknown option",
      ["--reasn", "x"],
      /no option --reasn here \(did you mean --reason\?\); `keepsake pause --help`/,
    ],
    ["an option that every object has", ["--constructor"], /no option --constructor here;/],
    ["a positional as an option", ["--capsule", "x"], /no option --capsule here;/],
    ["a short option", ["-j"], /no option -j here/],
    ["a word too many", ["one", "two"], /Unexpected argument "two"/],
  ])("are rejected with %s", (_what, words, message) => {
    expect(() => pair(...words)).toThrow(
      expect.objectContaining({ code: "usage", message: expect.stringMatching(message) as string }),
    );
  });
});
