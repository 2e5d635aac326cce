import { describe, expect, it } from "vitest";

import { didYouMean } from "../../../../dist/commands/line/did-you-mean.js";

const commands = [
  "demo",
  "work",
  "render",
  "migrate",
  "enqueue",
  "status",
  "films",
  "failed",
  "log",
  "purge",
];

describe("a command that was mistyped", () => {
  it.each([
    ["statsu", "status"],
    ["statu", "status"],
    ["stauts", "status"],
    ["STATUS", "status"],
    ["film", "films"],
    ["enque", "enqueue"],
    ["lgo", "log"],
    ["migarte", "migrate"],
  ])("%s gets the suggestion %s", (word, meant) => {
    expect(didYouMean(word, commands)).toBe(` (did you mean ${meant}?)`);
  });

  it.each(["", "x", "restart", "a".repeat(100_000), "zz", "queue-status"])(
    "%s gets no suggestion",
    (word) => {
      expect(didYouMean(word, commands)).toBe("");
    },
  );
});
