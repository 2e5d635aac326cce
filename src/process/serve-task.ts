import { readFileSync } from "node:fs";

import { toKeepsakeError } from "../errors.js";
import { limitTask } from "./confine.js";
import type { ChildMessage, ParentMessage, Usage } from "./messages.js";

type Task<Input, Output, Progress> = (input: Input, report: (progress: Progress) => void) => Promise<Output>;

/**
 * The child's side of `runChild`: waits for the input, runs the task once, answers and exits. When the parent is
 * gone the child ends at once, so no film goes on without its worker.
 */
export function serveTask<Input, Output, Progress = never>(run: Task<Input, Output, Progress>): void {
  process.on("disconnect", () => process.exit(1));
  process.once("message", (message: ParentMessage<Input>) => {
    const bounded: typeof run = async (input, report) => {
      if (message.limits !== null) limitTask(message.limits);
      return await run(input, report);
    };
    void answer(bounded, message.input, () => process.exit(0));
  });
}

/** As `serveTask`, for one task after another: only where none of them can harm the next. */
export function serveTasks<Input, Output, Progress = never>(run: Task<Input, Output, Progress>): void {
  process.on("disconnect", () => process.exit(1));
  process.on("message", (message: ParentMessage<Input>) => {
    void answer(run, message.input, () => undefined);
  });
}

async function answer<Input, Output, Progress>(
  run: Task<Input, Output, Progress>,
  input: Input,
  sent: () => void,
): Promise<void> {
  const send = (message: ChildMessage<Output, Progress>, then?: () => void): void => {
    process.send?.(message, undefined, undefined, then);
  };
  try {
    const output = await run(input, (progress) => send({ type: "progress", progress }));
    send({ type: "done", output, usage: ownUsage() }, sent);
  } catch (error) {
    const { code, message: text, stack } = toKeepsakeError(error);
    send({ type: "failed", error: { code, message: text, stack: stack ?? text }, usage: ownUsage() }, sent);
  }
}

function ownUsage(): Usage {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  return { cpuSeconds: (userCPUTime + systemCPUTime) / 1e6, peakMib: peakKib(maxRSS) / 1024 };
}

/** Linux counts what the parent had before the start into `maxRSS`. */
function peakKib(maxRss: number): number {
  try {
    const own = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
    return own === undefined ? maxRss : Number(own);
  } catch {
    return maxRss;
  }
}
