import { expect, it } from "vitest";

import { terminalColumns } from "../../../../dist/commands/line/terminal-columns.js";

it.each([
  [{ isTTY: true, columns: 80 }, 80],
  [{ isTTY: true, columns: 0 }, null],
  [{ isTTY: true }, null],
  [{ isTTY: false, columns: 80 }, null],
  [{}, null],
])("reads the width of %j as %j", (stream, columns) => {
  expect(terminalColumns(stream)).toBe(columns);
});
