/** `npm run corpus -- <folder>` tries each file of a folder as the one file of a capsule. */
import { runCommandLine } from "../dist/commands/line/run-command-line.js";
import { createCorpusCommand } from "./commands/corpus.js";

process.exitCode = await runCommandLine(createCorpusCommand, process.env);
