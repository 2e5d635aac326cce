import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { expect, it } from "vitest";

const tests = fileURLToPath(new URL("..", import.meta.url));
/**
 * A statement at the margin runs while its file is collected, and `vitest list` runs no hook that would close what it
 * opened. What runs a program to its end (`spawnSync`) leaves nothing.
 */
const opensAtOnce =
  /^(?:export )?(?:(?:const|let|await using|using) [^=]+ = )?(?:await )?(?:open|start|spawn|mkdtemp)(?!\w*Sync)[\w.]*\(/m;

it("opens nothing while test files are collected", () => {
  const opening = readdirSync(tests, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".test.ts"))
    .flatMap((name) => {
      const statement = opensAtOnce.exec(readFileSync(path.join(tests, name), "utf8"));
      return statement === null ? [] : [`${name}: ${statement[0]}`];
    });
  expect(opening).toEqual([]);
});
