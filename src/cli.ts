#!/usr/bin/env node
/** The `keepsake` command: lists its commands and loads the one that is run. */
import { defineCommand } from "citty";

import type { CommandContext } from "./commands/context.js";
import { runCommandLine } from "./commands/line/run-command-line.js";

const createMain = (context: CommandContext) =>
  defineCommand({
    meta: { name: "keepsake", description: "Makes one film of all messages of a memorial capsule." },
    subCommands: {
      demo: async () => (await import("./commands/demo.js")).createDemoCommand(context),
      work: async () => (await import("./commands/work.js")).createWorkCommand(context),
      render: async () => (await import("./commands/render.js")).createRenderCommand(context),
      migrate: async () => (await import("./commands/migrate.js")).createMigrateCommand(context),
      enqueue: async () => (await import("./commands/enqueue.js")).createEnqueueCommand(context),
      status: async () => (await import("./commands/status.js")).createStatusCommand(context),
      films: async () => (await import("./commands/films.js")).createFilmsCommand(context),
      failed: async () => (await import("./commands/failed/failed.js")).createFailedCommand(context),
      log: async () => (await import("./commands/log.js")).createLogCommand(context),
      forget: async () => (await import("./commands/forget.js")).createForgetCommand(context),
      cancel: async () => (await import("./commands/cancel.js")).createCancelCommand(context),
      pause: async () => (await import("./commands/pause.js")).createPauseCommand(context),
      resume: async () => (await import("./commands/resume.js")).createResumeCommand(context),
      requeue: async () => (await import("./commands/requeue.js")).createRequeueCommand(context),
      purge: async () => (await import("./commands/purge.js")).createPurgeCommand(context),
      doctor: async () => (await import("./commands/doctor/doctor.js")).createDoctorCommand(context),
    },
  });

process.exitCode = await runCommandLine(createMain, process.env);
