import { startChild, type ChildOptions, type TaskOptions } from "./start-child.js";

export type RunChildOptions<Progress> = ChildOptions & TaskOptions<Progress>;

/**
 * Runs one task in a child process of its own and waits for its answer.
 *
 * @param task module that calls `serveTask`, resolved by the caller: `new URL("./x-child.js", import.meta.url)`
 * @returns the result of the task, after it was sent as JSON
 * @throws KeepsakeError the task's own, or `child-crashed`, `child-timed-out`; the signal's reason when aborted
 */
export async function runChild<Input, Output, Progress = never>(
  task: URL,
  input: Input,
  options: RunChildOptions<Progress>,
): Promise<Output> {
  options.signal.throwIfAborted();
  await using child = startChild<Input, Output, Progress>(task, options);
  return await child.run(input, options);
}
