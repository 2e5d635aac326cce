import { defineCommand } from "citty";

import { createBenchAgainCommand } from "./bench-again.js";
import { createBenchFilmCommand } from "./bench-film.js";
import { createBenchLongCommand } from "./bench-long.js";
import { createBenchMemoryCommand } from "./bench-memory.js";
import { createBenchClipCommand, createBenchPaintCommand } from "./bench-overhead.js";
import { createBenchPrepareCommand } from "./bench-prepare.js";
import { createBenchQualityCommand } from "./bench-quality.js";
import { createBenchQueueCommand } from "./bench-queue.js";
import type { CommandContext } from "../../dist/commands/context.js";

export function createBenchCommand(context: CommandContext) {
  return defineCommand({
    meta: { name: "npm run bench --", description: "Measure this version on this machine." },
    subCommands: {
      paint: createBenchPaintCommand(context),
      clip: createBenchClipCommand(context),
      film: createBenchFilmCommand(context),
      long: createBenchLongCommand(context),
      memory: createBenchMemoryCommand(context),
      again: createBenchAgainCommand(context),
      prepare: createBenchPrepareCommand(context),
      quality: createBenchQualityCommand(context),
      queue: createBenchQueueCommand(context),
    },
  });
}
