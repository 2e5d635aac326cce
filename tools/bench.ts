/** `npm run bench -- <name>` measures this machine and this version. */
import { runCommandLine } from "../dist/commands/line/run-command-line.js";
import { createBenchCommand } from "./commands/bench.js";

process.exitCode = await runCommandLine(createBenchCommand, process.env);
