/** `npm run bench -- <name>` measures this machine and this version. */
import { runCommandLine } from "../dist/commands/run-command-line.js";
import { createBenchCommand } from "./commands/bench.js";

process.exitCode = await runCommandLine(createBenchCommand, process.env);
