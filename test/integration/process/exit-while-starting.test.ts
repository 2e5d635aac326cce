import { spawnSync } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { expect, it } from "vitest";

import { useFolder } from "../../use-folder.js";

const program = fileURLToPath(new URL("./exit-while-starting.mjs", import.meta.url));
const folder = useFolder();

it.each([0, 15, 30, 45, 60, 75, 90, 120])(
  "a process exits with its own code %i ms after it began to start children, and does not abort",
  (delayMs) => {
    const films = path.join(folder, String(delayMs));
    const { status, signal, stderr } = spawnSync(process.execPath, [program, films, String(delayMs)], {
      encoding: "utf8",
    });
    expect({ status, signal, stderr }).toEqual({ status: 130, signal: null, stderr: "" });
  },
);
