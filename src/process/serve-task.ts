import { toKeepsakeError } from "../errors.js";
import type { ChildMessage, ParentMessage } from "./messages.js";

/**
 * The child's side of `runChild`: waits for the input, runs the task once, answers and exits. When the parent is
 * gone the child ends at once, so no film goes on without its worker.
 */
export function serveTask<Input, Output, Progress = never>(
  run: (input: Input, report: (progress: Progress) => void) => Promise<Output>,
): void {
  const send = (message: ChildMessage<Output, Progress>, then?: () => void): void => {
    process.send?.(message, undefined, undefined, then);
  };
  process.on("disconnect", () => process.exit(1));
  process.once("message", (message: ParentMessage<Input>) => {
    run(message.input, (progress) => send({ type: "progress", progress })).then(
      (output) => send({ type: "done", output }, () => process.exit(0)),
      (error: unknown) => {
        const { code, message: text, stack } = toKeepsakeError(error);
        send({ type: "failed", error: { code, message: text, stack: stack ?? text } }, () => process.exit(0));
      },
    );
  });
}
