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

  /** Starts a process in a group of its own. */
  const spawnProcess: SpawnProcess = ({ args, environment, folder, maxAnswerBytes }, tell) => {
    const child = spawn(process.execPath, args, {
      cwd: folder,
      env: environment,
      detached: true,
      stdio: ["ignore", "ignore", "pipe", "pipe"],
    });
    const kill = (): void => killGroup(child.pid);
    const end = (how: ProcessEnd): void => {
      // What it started may have outlived it.
      kill();
      tell({ kind: "end", end: how });
    };
    if (child.pid !== undefined) tell({ kind: "started", pid: child.pid });
    child.once("error", ({ message }) => end({ failure: message, code: null, signalName: null }));
    child.once("close", (code, signalName) => end({ failure: null, code, signalName }));
    child.stderr?.setEncoding("utf8").on("data", (text: string) => tell({ kind: "stderr", text }));
    // Node has no files for one that could not be started.
    const channel = child.stdio?.[channelFile] as import("node:stream").Duplex | null | undefined;
    const reader = createAnswerReader(maxAnswerBytes);
    channel?.on("data", (chunk: Buffer) => {
      const lines = reader.read(chunk);
      for (const line of lines ?? []) tell({ kind: "answer", line });
      if (lines !== null) return;
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

  /** A group that is already gone is fine. */
  const killGroup = (pid: number | undefined): void => {
    if (pid === undefined) return;
    try {
      process.kill(-pid, "SIGKILL");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  };

  module.exports = { spawnProcess };
}
