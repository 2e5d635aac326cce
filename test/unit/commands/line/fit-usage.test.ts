import { stripVTControlCharacters } from "node:util";

import { defineCommand, renderUsage } from "citty";
import { expect, it } from "vitest";

import { fitUsage } from "../../../../dist/commands/line/fit-usage.js";

const long =
  "Enqueue the capsules that are closed and have no film, no job and no dead letter; or make films again.";
const command = defineCommand({
  meta: { name: "keepsake", description: "Makes one film of all messages of a memorial capsule." },
  args: { until: { type: "string", description: long, default: "50" } },
  subCommands: Object.fromEntries(
    ["demo", "work", "render", "migrate", "enqueue", "status", "films", "failed", "cancel", "requeue"].map(
      (name) => [name, defineCommand({ meta: { name, description: long } })],
    ),
  ),
});

it("wraps help in its own column, without a word lost", async () => {
  const usage = await renderUsage(command);
  const lines = stripVTControlCharacters(fitUsage(usage, 80)).split("\n");
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  const words = (text: string) => stripVTControlCharacters(text).replaceAll(/\s+/g, "");
  expect(words(lines.join(""))).toBe(words(usage));
  const first = lines.findIndex((line) => line.trimStart().startsWith("requeue    "));
  const column = lines[first]?.indexOf("Enqueue");
  expect(lines[first + 1]?.search(/\S/)).toBe(column);
});

it("leaves lines that fit as they are", () => {
  expect(fitUsage("  \u001B[36mdemo\u001B[39m    Make a film.", 80)).toBe(
    "  \u001B[36mdemo\u001B[39m    Make a film.",
  );
});
