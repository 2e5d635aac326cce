import { Socket } from "node:net";
import { deserialize } from "node:v8";

import { KeepsakeError, toKeepsakeError } from "../errors.js";
import { limitTask } from "./confine.js";
import { readProcFile, statusKib } from "./proc-files.js";
import { channelFile, type ChildMessage, type ParentMessage, type Usage } from "./messages.js";

type Task<Input, Output, Progress> = (input: Input, report: (progress: Progress) => void) => Promise<Output>;

/**
 * The child's side of `runChild`: waits for the input, runs the task once, sends the answer and exits. Reports and the
 * answer are JSON. The child ends as soon as its parent is gone, so that no film continues without its worker.
 */
export function serveTask<Input, Output, Progress = never>(run: Task<Input, Output, Progress>): void {
  let isFirst = true;
  const channel = openChannel<Input>((message) => {
    if (!isFirst) return;
    isFirst = false;
    const bounded: typeof run = async (input, report) => {
      if (message.limits !== null) limitTask(message.limits);
      return await run(input, report);
    };
    void answer(channel, bounded, message.input, () => process.exit(0));
  });
}

/** Like `serveTask`, for one task after another. It is only for tasks that cannot harm later tasks. */
export function serveTasks<Input, Output, Progress = never>(run: Task<Input, Output, Progress>): void {
  const channel = openChannel<Input>((message) => {
    void answer(channel, run, message.input, () => undefined);
  });
}

/** Bytes of the length before each message of the parent. */
const lengthBytes = 4;

function openChannel<Input>(onMessage: (message: ParentMessage<Input>) => void): Socket {
  const channel = new Socket({ fd: channelFile, readable: true, writable: true });
  let chunks: Buffer[] = [];
  let receivedBytes = 0;
  let wantedBytes = lengthBytes;
  channel.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    receivedBytes += chunk.length;
    while (receivedBytes >= wantedBytes) {
      const received = Buffer.concat(chunks);
      const end = lengthBytes + received.readUInt32LE();
      const rest = receivedBytes < end ? received : received.subarray(end);
      chunks = [rest];
      receivedBytes = rest.length;
      wantedBytes = receivedBytes < end && rest === received ? end : lengthBytes;
      if (rest !== received)
        onMessage(deserialize(received.subarray(lengthBytes, end)) as ParentMessage<Input>);
    }
  });
  // Both mean that the parent is gone.
  channel.on("error", () => process.exit(1));
  channel.on("close", () => process.exit(1));
  return channel;
}

async function answer<Input, Output, Progress>(
  channel: Socket,
  run: Task<Input, Output, Progress>,
  input: Input,
  sent: () => void,
): Promise<void> {
  const send = (message: ChildMessage<Output, Progress>, then?: () => void): void => {
    channel.write(`${JSON.stringify(message, onlyJson)}\n`, then);
  };
  try {
    const output = await run(input, (progress) => send({ type: "progress", progress }));
    send({ type: "done", output, usage: ownUsage() }, sent);
  } catch (error) {
    const { code, message: text, stack } = toKeepsakeError(error);
    send({ type: "failed", error: { code, message: text, stack: stack ?? text }, usage: ownUsage() }, sent);
  }
}

/** Throws for values that JSON would change silently: such an answer is a bug of the task. */
function onlyJson(key: string, value: unknown): unknown {
  const isJson =
    typeof value === "number"
      ? Number.isFinite(value)
      : !ArrayBuffer.isView(value) && !(value instanceof Map) && !(value instanceof Set);
  if (isJson) return value;
  throw new KeepsakeError(
    "internal",
    `A task returned a value that JSON cannot represent: ${key} is ${String(value)}.`,
  );
}

function ownUsage(): Usage {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  return { cpuSeconds: (userCPUTime + systemCPUTime) / 1e6, peakMib: peakKib(maxRSS) / 1024 };
}

/** `maxRSS` starts with the memory of the parent at the time of the fork (Linux), so /proc is preferred where it exists. */
function peakKib(maxRss: number): number {
  return statusKib(readProcFile("/proc/self/status") ?? "", "VmHWM") || maxRss;
}
