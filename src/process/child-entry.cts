// Every child runs this first: it gives up access to all files except those that its task needs. Only then does it load the
// code that gives up the rest, and the task. This is CommonJS, because a restriction covers this thread and those that it starts:
// loading an ES module first would start Node's thread pool, which reads and writes files, without the restriction.
{
  // A supervisor (systemd's KillMode=control-group) or a terminal sends these signals to a whole group in order to stop
  // the worker. The worker decides what happens to a film in progress, and ends its children by SIGKILL. SIGHUP is one of
  // them because systemd sends it where SendSIGHUP=yes is set. A child ends in any case when its worker is gone.
  for (const signalName of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signalName, () => undefined);

  type Library = ReturnType<typeof import("koffi").load>;
  type ChildStart = import("./messages.js", { with: { "resolution-mode": "import" } }).ChildStart;
  type RulesetPlan = import("./plan-ruleset.js", { with: { "resolution-mode": "import" } }).RulesetPlan;

  const setParentDeathSignal = 1;
  const sigkill = 9;

  /** Makes the kernel end this child with its worker. A busy child would detect late that its channel has closed. */
  const endWithParent = (library: Library): void => {
    const prctl = library.func("prctl", "int", ["int", "ulong", "ulong", "ulong", "ulong"]);
    prctl(setParentDeathSignal, sigkill, 0, 0, 0);
  };

  const { isConfined, ruleset } = JSON.parse(process.argv[3] ?? "{}") as Partial<ChildStart>;
  const loadLibrary = (): Library => (require("koffi") as typeof import("koffi")).load(null);
  if (isConfined === true && process.platform === "linux") {
    if (ruleset != null) {
      const { applyRuleset } = require("./apply-ruleset.cjs") as {
        readonly applyRuleset: (library: Library, plan: RulesetPlan) => void;
      };
      const library = loadLibrary();
      endWithParent(library);
      // A failure ends this process before it has read any file: its parent has detected Landlock in the kernel.
      applyRuleset(library, ruleset);
    } else {
      try {
        endWithParent(loadLibrary());
      } catch {
        // The doctor reports this: `probe-children.ts`.
      }
    }
  }
  void import("./load-task.js");
}
