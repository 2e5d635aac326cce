import { KeepsakeError } from "../errors.js";
import { answerRejected } from "./child-end.js";
import type { ChildMessage, ParentMessage } from "./messages.js";
import type { ProcessEnd } from "./process-event.js";
import { readAnswer } from "./read-answer.js";
import type { SpawnedChild } from "./spawn-child.js";

type Answer<Output> = Exclude<ChildMessage<Output, never>, { readonly type: "progress" }>;

export interface SendTaskOptions<Progress> {
  /** Name of the task, for messages. */
  readonly name: string;
  readonly maxAnswerBytes: number;
  readonly onProgress: ((progress: Progress) => void) | undefined;
  /** Called for each message of the child, also for an invalid one. */
  readonly onMessage: () => void;
  /** True once the child is being killed. It may send much more before it ends, which is ignored. */
  readonly isStopped: () => boolean;
  /** Called when the child sends an invalid message. */
  readonly onRejected: (reason: KeepsakeError) => void;
}

/** Sends a process its task and waits for its answer or its end, whichever comes first. */
export async function sendTask<Input, Output, Progress>(
  child: SpawnedChild,
  task: ParentMessage<Input>,
  { name, maxAnswerBytes, onProgress, ...options }: SendTaskOptions<Progress>,
): Promise<Answer<Output> | ProcessEnd> {
  const read = (line: string | null): ChildMessage<Output, Progress> | null => {
    options.onMessage();
    if (options.isStopped()) return null;
    const message = line === null ? null : readAnswer(line);
    if (message === null) options.onRejected(answerRejected(name, line === null ? maxAnswerBytes : null));
    // The task determines the types. Where a file may have compromised the child, the caller checks the values.
    return message as ChildMessage<Output, Progress> | null;
  };
  const answered = new Promise<Answer<Output>>((resolve) => {
    child.listen((line) => {
      const message = read(line);
      if (message?.type === "progress") onProgress?.(message.progress);
      else if (message !== null) resolve(message);
    });
  });
  child.send(task);
  try {
    return await Promise.race([answered, child.ended]);
  } finally {
    child.listen(() => undefined);
  }
}
