import { readFileSync } from "node:fs";
import { Socket } from "node:net";
import { deserialize } from "node:v8";

import { KeepsakeError, toKeepsakeError } from "../errors.js";
import { limitTask } from "./confine.js";
import { channelFile, type ChildMessage, type ParentMessage, type Usage } from "./messages.js";

type Task<Input, Output, Progress> = (input: Input, report: (progress: Progress) => void) => Promise<Output>;

/**
 * The child's side of `runChild`: waits for the input, runs the task once, answers and exits. What it reports and answers
 * goes through JSON. When the parent is gone the child ends at once, so no film goes on without its worker.
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

/** As `serveTask`, for one task after another: only where none of them can harm the next. */
export function serveTasks<Input, Output, Progress = never>(run: Task<Input, Output, Progress>): void {
  const channel = openChannel<Input>((message) => {
    void answer(channel, run, message.input, () => undefined);
  });
}

/** Before each message of the parent. */
const lengthBytes = 4;

function openChannel<Input>(hear: (message: ParentMessage<Input>) => void): Socket {
  const channel = new Socket({ fd: channelFile, readable: true, writable: true });
  let chunks: Buffer[] = [];
  let heardBytes = 0;
  let wantedBytes = lengthBytes;
  channel.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    heardBytes += chunk.length;
    while (heardBytes >= wantedBytes) {
      const heard = Buffer.concat(chunks);
      const end = lengthBytes + heard.readUInt32LE();
      const rest = heardBytes < end ? heard : heard.subarray(end);
      chunks = [rest];
      heardBytes = rest.length;
      wantedBytes = heardBytes < end && rest === heard ? end : lengthBytes;
      if (rest !== heard) hear(deserialize(heard.subarray(lengthBytes, end)) as ParentMessage<Input>);
    }
  });
  // The parent is gone.
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

/** What JSON would change without a word is a mistake of ours. */
function onlyJson(key: string, value: unknown): unknown {
  const isKept =
    typeof value === "number"
      ? Number.isFinite(value)
      : !ArrayBuffer.isView(value) && !(value instanceof Map) && !(value instanceof Set);
  if (isKept) return value;
  throw new KeepsakeError("internal", `A task answered what JSON does not keep: ${key} is ${String(value)}.`);
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
