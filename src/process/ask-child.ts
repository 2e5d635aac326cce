import { KeepsakeError } from "../errors.js";
import { answerRejected } from "./child-end.js";
import type { ChildMessage, ParentMessage } from "./messages.js";
import type { ProcessEnd } from "./process-event.js";
import { readAnswer } from "./read-answer.js";
import type { SpawnedChild } from "./spawn-child.js";

type Answer<Output> = Exclude<ChildMessage<Output, never>, { readonly type: "progress" }>;

export interface AskOptions<Progress> {
  /** Name of the task, for messages. */
  readonly name: string;
  readonly maxAnswerBytes: number;
  readonly onProgress: ((progress: Progress) => void) | undefined;
  /** Called whenever the child has sent anything. */
  readonly onMessage: () => void;
  /** True once the child is to be killed: it may send much more before it is gone. */
  readonly isStopped: () => boolean;
  /** Called when the child sends what no child may send. */
  readonly onRejected: (reason: KeepsakeError) => void;
}

/** Gives a process its task and waits for its answer or its end, whichever comes first. */
export async function askChild<Input, Output, Progress>(
  child: SpawnedChild,
  order: ParentMessage<Input>,
  { name, maxAnswerBytes, onProgress, ...options }: AskOptions<Progress>,
): Promise<Answer<Output> | ProcessEnd> {
  const read = (line: string | null): ChildMessage<Output, Progress> | null => {
    options.onMessage();
    if (options.isStopped()) return null;
    const message = line === null ? null : readAnswer(line);
    if (message === null) options.onRejected(answerRejected(name, line === null ? maxAnswerBytes : null));
    // The task determines the types. Where a file could have taken the child over, the caller checks the values.
    return message as ChildMessage<Output, Progress> | null;
  };
  const answered = new Promise<Answer<Output>>((resolve) => {
    child.listen((line) => {
      const message = read(line);
      if (message?.type === "progress") onProgress?.(message.progress);
      else if (message !== null) resolve(message);
    });
  });
  child.order(order);
  try {
    return await Promise.race([answered, child.ended]);
  } finally {
    child.listen(() => undefined);
  }
}
