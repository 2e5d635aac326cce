// The second half of `child-entry.cts`.
import { pathToFileURL } from "node:url";

import { confine } from "./confine.js";
import type { ChildStart } from "./messages.js";

process.on("disconnect", () => process.exit(1));
const [task = "", start = ""] = process.argv.slice(2);
const { isConfined, ...limits } = JSON.parse(start) as ChildStart;
if (isConfined) confine(limits);
await import(pathToFileURL(task).href);
