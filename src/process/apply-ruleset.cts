// Enforces a plan of `plan-ruleset.ts`. This is CommonJS because `child-entry.cts` needs it before anything else is loaded.
{
  type Library = ReturnType<typeof import("koffi").load>;
  type RulesetPlan = import("./plan-ruleset.js", { with: { "resolution-mode": "import" } }).RulesetPlan;

  const { closeSync, fstatSync, openSync } = require("node:fs") as typeof import("node:fs");

  // These calls have the same numbers on every processor.
  const calls = { createRuleset: 444, addRule: 445, restrictSelf: 446 };
  const pathBeneath = 1;
  const setNoNewPrivileges = 38;
  /** O_PATH of open(2) refers to a file without reading it; a ruleset that is in force already may forbid reading. */
  const openPath = 0o10_000_000;

  /** A file that does not exist needs no rule. */
  const openIfExists = (place: string): number | null => {
    try {
      return openSync(place, openPath);
    } catch {
      return null;
    }
  };

  const denied = (name: string): Error =>
    new Error(
      `the kernel has Landlock, but denied ${name}: allow this system call, or switch Landlock off (docs/children.md)`,
    );

  /**
   * Restricts this thread, and all threads and processes that it starts, permanently; with the plan's flag for it, all
   * threads of this process.
   *
   * @throws Error when the kernel denies a call
   */
  const applyRuleset = (library: Library, { handled, rules, fileRights, flags }: RulesetPlan): void => {
    const prctl = library.func("prctl", "int", ["int", "ulong", "ulong", "ulong", "ulong"]);
    const createRuleset = library.func("syscall", "long", ["long", "void *", "size_t", "uint"]);
    const addRule = library.func("syscall", "long", ["long", "int", "int", "void *", "uint"]);
    const restrictSelf = library.func("syscall", "long", ["long", "int", "uint"]);

    const attributes = Buffer.from(handled, "base64");
    const ruleset = createRuleset(calls.createRuleset, attributes, attributes.length, 0) as number;
    if (ruleset < 0) throw denied("landlock_create_ruleset");
    const rule = Buffer.alloc(12);
    for (const [place, rights] of rules) {
      const file = openIfExists(place);
      if (file === null) continue;
      rule.writeUInt32LE(fstatSync(file).isDirectory() ? rights : rights & fileRights);
      rule.writeInt32LE(file, 8);
      addRule(calls.addRule, ruleset, pathBeneath, rule, 0);
      closeSync(file);
    }
    // Without this flag, only root may restrict itself.
    prctl(setNoNewPrivileges, 1, 0, 0, 0);
    const result = restrictSelf(calls.restrictSelf, ruleset, flags) as number;
    closeSync(ruleset);
    if (result !== 0) throw denied("landlock_restrict_self");
  };

  module.exports = { applyRuleset };
}
