import { defineCommand } from "citty";

import type { CommandContext } from "../context.js";
import { createFailedDiscardCommand } from "./failed-discard.js";
import { createFailedListCommand } from "./failed-list.js";
import { createFailedRetryCommand } from "./failed-retry.js";
import { createFailedShowCommand } from "./failed-show.js";

export function createFailedCommand(context: CommandContext) {
  return defineCommand({
    meta: { name: "failed", description: "Show, correct, retry or discard jobs that failed for good." },
    subCommands: {
      list: createFailedListCommand(context),
      show: createFailedShowCommand(context),
      retry: createFailedRetryCommand(context),
      discard: createFailedDiscardCommand(context),
    },
    default: "list",
  });
}
