import { startChild, type ChildOptions, type StartedChild, type TaskOptions } from "./start-child.js";

/** Processes for many tasks of one kind; all of them end with it. */
export interface Children<Input, Output, Progress = never> extends AsyncDisposable {
  /** As `runChild`. */
  run(input: Input, options: TaskOptions<Progress>): Promise<Output>;
}

export interface FreshChildrenOptions extends ChildOptions {
  /** How many wait for a task at any time: starting takes longer than many a task. */
  readonly ahead: number;
  /** How many tasks there will be at most, so that none is started in vain. */
  readonly taskCount: number;
}

/** A process of its own for each task, started before the task is known. */
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
  /** At once; each is started when it is first needed. */
  readonly most: number;
}

/** Processes that take task after task (`serveTasks`): for trusted work whose preparation costs more than the work. */
export function openReusedChildren<Input, Output, Progress = never>(
  task: URL,
  { most, ...options }: ReusedChildrenOptions,
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
  const take = async (): Promise<Child> => {
    const child = idle.pop();
    if (child !== undefined) return child;
    if (all.size < most) return add();
    return await new Promise<Child>((resolve) => queue.push(resolve));
  };
  const giveBack = async (used: Child): Promise<void> => {
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
      const child = await take();
      try {
        return await child.run(input, taskOptions);
      } finally {
        await giveBack(child);
      }
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...all].map((child) => child[Symbol.asyncDispose]()));
    },
  };
}
