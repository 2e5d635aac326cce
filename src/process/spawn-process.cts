// Starts the processes of children, in this thread. CommonJS, as `start-thread.cts` is, which is one for each film: loading
// it as a module of the other kind would take a third longer.
{
  type ProcessEnd = import("./process-event.js", { with: { "resolution-mode": "import" } }).ProcessEnd;
  type SpawnProcess = import("./process-event.js", { with: { "resolution-mode": "import" } }).SpawnProcess;

  const { spawn } = require("node:child_process") as typeof import("node:child_process");
  const { createAnswerReader } = require("./answer-reader.cjs") as {
    readonly createAnswerReader: (maxBytes: number) => {
      read(chunk: Buffer): readonly string[] | null;
      renew(): void;
    };
  };

  /** `channelFile` of `messages.ts`. */
  const channelFile = 3;
  const stderrTailCharacters = 4096;

  /** Starts a process in a group of its own. */
  const spawnProcess: SpawnProcess = ({ args, environment, folder, maxAnswerBytes }, tell) => {
    const child = spawn(process.execPath, args, {
      cwd: folder,
      env: environment,
      detached: true,
      stdio: ["ignore", "ignore", "pipe", "pipe"],
    });
    const kill = (): void => killGroup(child.pid);
    // Kept here, and told at the end: what a process writes without end must not queue up on its way to another thread.
    let stderrTail = "";
    const end = (how: Omit<ProcessEnd, "stderrTail">): void => {
      // What it started may have outlived it.
      kill();
      tell({ kind: "end", end: { ...how, stderrTail } });
    };
    if (child.pid !== undefined) tell({ kind: "started", pid: child.pid });
    child.once("error", ({ message }) => end({ failure: message, code: null, signalName: null }));
    child.once("close", (code, signalName) => end({ failure: null, code, signalName }));
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      stderrTail = (stderrTail + text).slice(-stderrTailCharacters);
    });
    // Node has no files for one that could not be started.
    const channel = child.stdio?.[channelFile] as import("node:stream").Duplex | null | undefined;
    const reader = createAnswerReader(maxAnswerBytes);
    channel?.on("data", (chunk: Buffer) => {
      const lines = reader.read(chunk);
      if (lines !== null) {
        if (lines.length > 0) tell({ kind: "answers", lines });
        return;
      }
      kill();
      channel.destroy();
      tell({ kind: "flood" });
    });
    // It has ended, or is to: its end says all there is to say.
    channel?.on("error", () => undefined);
    return {
      send(order) {
        reader.renew();
        const length = Buffer.alloc(4);
        length.writeUInt32LE(order.length);
        channel?.write(length);
        channel?.write(order);
      },
      kill,
    };
  };

  /** A group that is already gone is fine, also where its number has gone to others, whom a held thread cannot reach. */
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
