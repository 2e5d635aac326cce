import { KeepsakeError } from "../../dist/errors.js";
import { runChild } from "../../dist/process/run-child.js";

export interface Workers<Output> extends AsyncDisposable {
  /** Resolves when all workers have connected. */
  readonly ready: Promise<unknown>;
  /** Resolves with the outputs of all workers when all of them have ended by themselves. */
  readonly ended: Promise<readonly Output[]>;
  /** Runs a wait that needs the workers. It is aborted when they end or when one of them fails. */
  readonly during: <Result>(wait: (signal: AbortSignal) => Promise<Result>) => Promise<Result>;
  /** Kills them with SIGKILL, and resolves when they have ended. */
  readonly kill: () => Promise<void>;
}

const timeoutSeconds = 3600;

/**
 * Starts a process for each input; disposing kills those that still run.
 * @param task module that calls `serveTask`, and reports "ready" when it has connected
 */
export function startWorkers<Input, Output>(
  task: URL,
  inputs: readonly Input[],
  { folder, signal }: { readonly folder: string; readonly signal: AbortSignal },
): Workers<Output> {
  const killing = new AbortController();
  const workers = inputs.map((input) => {
    let markReady = (): void => undefined;
    const ready = new Promise<void>((resolve) => {
      markReady = resolve;
    });
    const ended = runChild<Input, Output, "ready">(task, input, {
      folder,
      // These processes connect to the database.
      isConfined: false,
      timeoutSeconds,
      signal: AbortSignal.any([signal, killing.signal]),
      onProgress: markReady,
    });
    return { ready: Promise.race([ready, ended]), ended };
  });
  const ready = Promise.all(workers.map((worker) => worker.ready));
  const ended = Promise.all(workers.map((worker) => worker.ended));
  const gone = Promise.allSettled(workers.map((worker) => worker.ended));
  // A caller that kills the workers does not wait for their results.
  for (const answer of [ready, ended]) answer.catch(() => undefined);

  const kill = async (): Promise<void> => {
    killing.abort();
    await gone;
  };
  return {
    ready,
    ended,
    during: async (wait) => {
      const over = new AbortController();
      const early = ended.then(() => {
        throw new KeepsakeError("internal", "The benchmark's workers ended before they were stopped.");
      });
      try {
        return await Promise.race([wait(AbortSignal.any([signal, over.signal])), early]);
      } finally {
        over.abort();
      }
    },
    kill,
    [Symbol.asyncDispose]: kill,
  };
}
