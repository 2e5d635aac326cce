// What every child runs first: it gives up all files but those that its task needs, and only then loads what gives up the
// rest, and the task. CommonJS, because what is given up here holds for this thread and those it starts: loading a
// module of the other kind starts Node's pool of threads, which read and write.
{
  // A supervisor (systemd's KillMode=control-group) or a terminal sends these to a whole group in order to stop the
  // worker. The worker decides what becomes of a film that is being made, and ends its children by SIGKILL. SIGHUP is
  // among them because systemd sends it too where SendSIGHUP=yes is set. A child whose worker is gone ends all the same.
  for (const signalName of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signalName, () => undefined);

  type Library = ReturnType<typeof import("koffi").load>;
  type ChildStart = import("./messages.js", { with: { "resolution-mode": "import" } }).ChildStart;
  type RulesetPlan = import("./plan-ruleset.js", { with: { "resolution-mode": "import" } }).RulesetPlan;

  const setParentDeathSignal = 1;
  const sigkill = 9;

  /** A child that is busy would not notice for long that the channel to its worker has closed. */
  const endWithParent = (library: Library): void => {
    const prctl = library.func("prctl", "int", ["int", "ulong", "ulong", "ulong", "ulong"]);
    prctl(setParentDeathSignal, sigkill, 0, 0, 0);
  };

  const { isConfined, hold } = JSON.parse(process.argv[3] ?? "{}") as Partial<ChildStart>;
  const loadLibrary = (): Library => (require("koffi") as typeof import("koffi")).load(null);
  if (isConfined === true && process.platform === "linux") {
    if (hold != null) {
      const { applyRuleset } = require("./apply-ruleset.cjs") as {
        readonly applyRuleset: (library: Library, plan: RulesetPlan) => void;
      };
      const library = loadLibrary();
      endWithParent(library);
      // Where it fails, this process ends by it before it has seen a file: its parent knew that the kernel can.
      applyRuleset(library, hold);
    } else {
      try {
        endWithParent(loadLibrary());
      } catch {
        // The doctor says so: `probe-children.ts`.
      }
    }
  }
  void import("./load-task.js");
}
