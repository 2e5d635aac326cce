// What every child runs first: it gives up writing outside the folder that it was given, and only then loads what
// gives up the rest, and the task. CommonJS, because what is given up here holds for this thread and those it starts:
// loading a module of the other kind starts Node's pool of threads, which do the writing.
{
  // A supervisor (systemd's KillMode=control-group) or a terminal sends these to a whole group in order to stop the
  // worker. The worker decides what becomes of a film that is being made, and ends its children by SIGKILL. SIGHUP is
  // among them because systemd sends it too where SendSIGHUP=yes is set. A child whose worker is gone ends all the same.
  for (const signalName of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signalName, () => undefined);

  const { closeSync, openSync } = require("node:fs") as typeof import("node:fs");
  const path = require("node:path") as typeof import("node:path");

  // https://docs.kernel.org/userspace-api/landlock.html; the calls have the same numbers on every processor.
  const calls = { createRuleset: 444, addRule: 445, restrictSelf: 446 };
  const askVersion = 1;
  const pathBeneath = 1;
  const setParentDeathSignal = 1;
  const setNoNewPrivileges = 38;
  const sigkill = 9;
  const writeFile = 1 << 1;
  const removeAndMakeAnything = 0b1_1111_1111 << 4;
  /** Neither devices nor sockets, pipes and links. */
  const removeAndMakeFiles = 0b1_1011 << 4;
  /** Moving from one folder to another, and cutting files short, are rights since the second and third version. */
  const laterRights = [0, 0, 1 << 13, (1 << 13) | (1 << 14)];

  const loadLibrary = () => (require("koffi") as typeof import("koffi")).load(null);
  type Library = ReturnType<typeof loadLibrary>;

  const openPrctl = (library: Library) =>
    library.func("prctl", "int", ["int", "ulong", "ulong", "ulong", "ulong"]);

  /** A child that is busy would not notice for long that the channel to its worker has closed. */
  const endWithParent = (library: Library): void => {
    openPrctl(library)(setParentDeathSignal, sigkill, 0, 0, 0);
  };

  const writeBelowAlone = (library: Library, folder: string): void => {
    const prctl = openPrctl(library);
    const createRuleset = library.func("syscall", "long", ["long", "void *", "size_t", "uint"]);
    const addRule = library.func("syscall", "long", ["long", "int", "int", "void *", "uint"]);
    const restrictSelf = library.func("syscall", "long", ["long", "int", "uint"]);

    const version = createRuleset(calls.createRuleset, null, 0, askVersion) as number;
    if (version < 1) return;
    const later = laterRights[Math.min(version, 3)] ?? 0;
    const handled = Buffer.alloc(8);
    handled.writeUInt32LE(writeFile | removeAndMakeAnything | later);
    const ruleset = createRuleset(calls.createRuleset, handled, handled.length, 0) as number;
    if (ruleset < 0) return;
    const allow = (place: string, rights: number): void => {
      const file = openSync(place, "r");
      const rule = Buffer.alloc(12);
      rule.writeUInt32LE(rights);
      rule.writeInt32LE(file, 8);
      addRule(calls.addRule, ruleset, pathBeneath, rule, 0);
      closeSync(file);
    };
    allow(folder, writeFile | removeAndMakeFiles | later);
    allow("/dev/null", writeFile);
    prctl(setNoNewPrivileges, 1, 0, 0, 0);
    restrictSelf(calls.restrictSelf, ruleset, 0);
    closeSync(ruleset);
  };

  const { isConfined } = JSON.parse(process.argv[3] ?? "{}") as { readonly isConfined?: boolean };
  if (isConfined === true && process.platform === "linux") {
    try {
      const library = loadLibrary();
      endWithParent(library);
      // Its own folder lies in the one that it was given.
      writeBelowAlone(library, path.dirname(process.cwd()));
    } catch {
      // The doctor says so: `probe-children.ts`.
    }
  }
  void import("./load-task.js");
}
