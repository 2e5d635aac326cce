// A thread that restricts itself to the files that its children may access, and then starts them. A new process inherits the
// restriction of the thread that starts it before its first instruction, and so does every thread that it ever starts.
{
  type RulesetPlan = import("./plan-ruleset.js", { with: { "resolution-mode": "import" } }).RulesetPlan;
  type ProcessEvent = import("./process-event.js", { with: { "resolution-mode": "import" } }).ProcessEvent;
  type SpawnedProcess = import(
    "./process-event.js",
    { with: { "resolution-mode": "import" } }
  ).SpawnedProcess;
  type SpawnProcess = import("./process-event.js", { with: { "resolution-mode": "import" } }).SpawnProcess;
  type StarterCommand = import(
    "./process-event.js",
    { with: { "resolution-mode": "import" } }
  ).StarterCommand;
  type StarterReport = import("./process-event.js", { with: { "resolution-mode": "import" } }).StarterReport;

  const { parentPort, workerData } = require("node:worker_threads") as typeof import("node:worker_threads");
  const { spawnProcess } = require("./spawn-process.cjs") as { readonly spawnProcess: SpawnProcess };

  const report = (message: StarterReport): void => parentPort?.postMessage(message);

  const { applyRuleset } = require("./apply-ruleset.cjs") as {
    readonly applyRuleset: (library: unknown, plan: RulesetPlan) => void;
  };
  // A failure ends this thread before it has started anything.
  applyRuleset((require("koffi") as typeof import("koffi")).load(null), workerData as RulesetPlan);
  report({ kind: "loaded" });
  const processes = new Map<number, SpawnedProcess>();
  parentPort?.on("message", (command: StarterCommand) => {
    const { id } = command;
    if (command.kind === "send") processes.get(id)?.send(command.message);
    else if (command.kind === "kill") processes.get(id)?.kill();
    else {
      const onEvent = (event: ProcessEvent): void => {
        if (event.kind === "end") processes.delete(id);
        report({ kind: "event", id, event });
      };
      processes.set(id, spawnProcess(command.start, onEvent));
    }
  });
}
