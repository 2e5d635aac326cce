// Second half of `child-entry.cts`: limits and filter, then the task.
import { pathToFileURL } from "node:url";

import { confine } from "./confine.js";
import type { ChildStart } from "./messages.js";

const [task = "", start = ""] = process.argv.slice(2);
const { isConfined, ruleset: _ruleset, ...limits } = JSON.parse(start) as ChildStart;
if (isConfined) confine(limits);
await import(pathToFileURL(task).href);
