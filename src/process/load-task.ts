// The second half of `child-entry.cts`.
import { pathToFileURL } from "node:url";

import { confine } from "./confine.js";
import type { ChildStart } from "./messages.js";

const [task = "", start = ""] = process.argv.slice(2);
const { isConfined, hold: _hold, ...limits } = JSON.parse(start) as ChildStart;
if (isConfined) confine(limits);
await import(pathToFileURL(task).href);
