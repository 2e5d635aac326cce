import { startChild, type ChildOptions, type StartedChild, type TaskOptions } from "./start-child.js";

/** Processes for many tasks of one kind. Disposing ends all of them. */
export interface Children<Input, Output, Progress = never> extends AsyncDisposable {
  /** Runs one task, like `runChild`. */
  run(input: Input, options: TaskOptions<Progress>): Promise<Output>;
}

export interface FreshChildrenOptions extends ChildOptions {
  /** Number of processes that wait for a task at any time, because starting takes longer than many tasks do. */
  readonly ahead: number;
  /** Maximum number of tasks, so that no process is started without need. */
  readonly taskCount: number;
}

/** Runs each task in a new process, which is started before the task is known. */
export function openFreshChildren<Input, Output, Progress = never>(
  task: URL,
  { ahead, taskCount, ...options }: FreshChildrenOptions,
): Children<Input, Output, Progress> {
  const waiting: StartedChild<Input, Output, Progress>[] = [];
  let startedCount = 0;
  const start = (): StartedChild<Input, Output, Progress> => {
    startedCount += 1;
    return startChild(task, options);
  };
  const refill = (): void => {
    const count = Math.min(ahead - waiting.length, taskCount - startedCount);
    for (let added = 0; added < count; added += 1) waiting.push(start());
  };
  refill();
  return {
    async run(input, taskOptions) {
      await using child = waiting.shift() ?? start();
      refill();
      return await child.run(input, taskOptions);
    },
    async [Symbol.asyncDispose]() {
      startedCount = Number.POSITIVE_INFINITY;
      await Promise.all(waiting.splice(0).map((child) => child[Symbol.asyncDispose]()));
    },
  };
}

export interface ReusedChildrenOptions extends ChildOptions {
  /** Maximum number of processes at once; each is started when it is first needed. */
  readonly maxChildren: number;
}

/** Processes that run task after task (`serveTasks`), for trusted work that takes less time than its preparation. */
export function openReusedChildren<Input, Output, Progress = never>(
  task: URL,
  { maxChildren, ...options }: ReusedChildrenOptions,
): Children<Input, Output, Progress> {
  type Child = StartedChild<Input, Output, Progress>;
  const all = new Set<Child>();
  const idle: Child[] = [];
  const queue: ((child: Child) => void)[] = [];

  const add = (): Child => {
    const child: Child = startChild(task, options);
    all.add(child);
    return child;
  };
  const acquire = async (): Promise<Child> => {
    const child = idle.pop();
    if (child !== undefined) return child;
    if (all.size < maxChildren) return add();
    return await new Promise<Child>((resolve) => queue.push(resolve));
  };
  const release = async (used: Child): Promise<void> => {
    if (!used.isAlive) {
      all.delete(used);
      await used[Symbol.asyncDispose]();
    }
    const next = queue.shift();
    if (next !== undefined) next(used.isAlive ? used : add());
    else if (used.isAlive) idle.push(used);
  };

  return {
    async run(input, taskOptions) {
      const child = await acquire();
      try {
        return await child.run(input, taskOptions);
      } finally {
        await release(child);
      }
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...all].map((child) => child[Symbol.asyncDispose]()));
    },
  };
}
