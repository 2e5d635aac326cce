import { toKeepsakeError } from "../errors.js";
import type { ChildMessage, ParentMessage } from "./messages.js";

type Task<Input, Output, Progress> = (input: Input, report: (progress: Progress) => void) => Promise<Output>;

/**
 * The child's side of `runChild`: waits for the input, runs the task once, answers and exits. When the parent is
 * gone the child ends at once, so no film goes on without its worker.
 */
export function serveTask<Input, Output, Progress = never>(run: Task<Input, Output, Progress>): void {
  process.on("disconnect", () => process.exit(1));
  process.once("message", (message: ParentMessage<Input>) => {
    void answer(run, message.input, () => process.exit(0));
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
    send({ type: "done", output }, sent);
  } catch (error) {
    const { code, message: text, stack } = toKeepsakeError(error);
    send({ type: "failed", error: { code, message: text, stack: stack ?? text } }, sent);
  }
}
