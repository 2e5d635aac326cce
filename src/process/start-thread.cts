// A thread that has given up the files that its children may not have, and starts them: a new process has what the thread
// that starts it has, from before its first instruction on, and so for each thread that it will ever have.
{
  type RulesetPlan = import("./plan-ruleset.js", { with: { "resolution-mode": "import" } }).RulesetPlan;
  type ProcessEvent = import("./process-event.js", { with: { "resolution-mode": "import" } }).ProcessEvent;
  type SpawnedProcess = import(
    "./process-event.js",
    { with: { "resolution-mode": "import" } }
  ).SpawnedProcess;
  type SpawnProcess = import("./process-event.js", { with: { "resolution-mode": "import" } }).SpawnProcess;
  type StarterOrder = import("./process-event.js", { with: { "resolution-mode": "import" } }).StarterOrder;
  type StarterReport = import("./process-event.js", { with: { "resolution-mode": "import" } }).StarterReport;

  const { parentPort, workerData } = require("node:worker_threads") as typeof import("node:worker_threads");
  const { spawnProcess } = require("./spawn-process.cjs") as { readonly spawnProcess: SpawnProcess };

  const say = (report: StarterReport): void => parentPort?.postMessage(report);

  const { applyRuleset } = require("./apply-ruleset.cjs") as {
    readonly applyRuleset: (library: unknown, plan: RulesetPlan) => void;
  };
  // Where it fails, this thread ends by it, and starts nothing.
  applyRuleset((require("koffi") as typeof import("koffi")).load(null), workerData as RulesetPlan);
  const processes = new Map<number, SpawnedProcess>();
  parentPort?.on("message", (order: StarterOrder) => {
    const { id } = order;
    if (order.kind === "send") processes.get(id)?.send(order.order);
    else if (order.kind === "kill") processes.get(id)?.kill();
    else {
      const tell = (event: ProcessEvent): void => {
        if (event.kind === "end") processes.delete(id);
        say({ id, event });
      };
      processes.set(id, spawnProcess(order.start, tell));
    }
  });
}
