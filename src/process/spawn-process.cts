// Starts child processes from this thread. This is CommonJS because `start-thread.cts`, which loads it for each film, is
// CommonJS: starting that thread with ES modules would take a third longer.
{
  type ProcessEnd = import("./process-event.js", { with: { "resolution-mode": "import" } }).ProcessEnd;
  type SpawnProcess = import("./process-event.js", { with: { "resolution-mode": "import" } }).SpawnProcess;

  const { spawn } = require("node:child_process") as typeof import("node:child_process");
  const { createAnswerReader } = require("./answer-reader.cjs") as {
    readonly createAnswerReader: (maxBytes: number) => {
      read(chunk: Buffer): readonly string[] | null;
      startTask(): void;
    };
  };

  /** `channelFile` of `messages.ts`. */
  const channelFile = 3;
  const stderrTailCharacters = 4096;

  /** Starts a process in its own process group. */
  const spawnProcess: SpawnProcess = ({ args, environment, folder, maxAnswerBytes }, onEvent) => {
    const child = spawn(process.execPath, args, {
      cwd: folder,
      env: environment,
      detached: true,
      stdio: ["ignore", "ignore", "pipe", "pipe"],
    });
    const kill = (): void => killGroup(child.pid);
    // The text is collected here and passed on at the end: endless output must not queue up on its way to another thread.
    let stderrTail = "";
    const end = (how: Omit<ProcessEnd, "stderrTail">): void => {
      // Processes that it started may still run.
      kill();
      onEvent({ kind: "end", end: { ...how, stderrTail } });
    };
    if (child.pid !== undefined) onEvent({ kind: "started", pid: child.pid });
    child.once("error", ({ message }) => end({ failure: message, code: null, signalName: null }));
    child.once("close", (code, signalName) => end({ failure: null, code, signalName }));
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      stderrTail = (stderrTail + text).slice(-stderrTailCharacters);
    });
    // A process that could not be started has no channel.
    const channel = child.stdio?.[channelFile] as import("node:stream").Duplex | null | undefined;
    const reader = createAnswerReader(maxAnswerBytes);
    channel?.on("data", (chunk: Buffer) => {
      const lines = reader.read(chunk);
      if (lines !== null) {
        if (lines.length > 0) onEvent({ kind: "answers", lines });
        return;
      }
      kill();
      channel.destroy();
      onEvent({ kind: "flood" });
    });
    // An error means that the process ends; its end is reported in any case.
    channel?.on("error", () => undefined);
    return {
      send(message) {
        reader.startTask();
        const length = Buffer.alloc(4);
        length.writeUInt32LE(message.length);
        channel?.write(length);
        channel?.write(message);
      },
      kill,
    };
  };

  /** ESRCH: the group is gone. EPERM: its number now belongs to other processes, which a restricted thread may not signal. */
  const killGroup = (pid: number | undefined): void => {
    if (pid === undefined) return;
    try {
      process.kill(-pid, "SIGKILL");
    } catch (error) {
      if (!["ESRCH", "EPERM"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    }
  };

  module.exports = { spawnProcess };
}
