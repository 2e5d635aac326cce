// Puts a plan of `plan-ruleset.ts` in force. CommonJS, because `child-entry.cts` needs it before anything else is loaded.
{
  type Library = ReturnType<typeof import("koffi").load>;
  type RulesetPlan = import("./plan-ruleset.js", { with: { "resolution-mode": "import" } }).RulesetPlan;

  const { closeSync, fstatSync, openSync } = require("node:fs") as typeof import("node:fs");

  // The calls have the same numbers on every processor.
  const calls = { createRuleset: 444, addRule: 445, restrictSelf: 446 };
  const pathBeneath = 1;
  const setNoNewPrivileges = 38;
  /** O_PATH of open(2): the file is named and not read, which a rule that is in force already may forbid. */
  const openAsPlace = 0o10_000_000;

  /** What is not there need not be allowed. */
  const openIfThere = (place: string): number | null => {
    try {
      return openSync(place, openAsPlace);
    } catch {
      return null;
    }
  };

  const refused = (name: string): Error =>
    new Error(
      `the kernel has Landlock, but refused ${name}: let it through, or switch Landlock off (docs/children.md)`,
    );

  /**
   * For good, for this thread and all that it starts, and for all threads of this process where the plan says so.
   *
   * @throws Error where the kernel refuses
   */
  const applyRuleset = (library: Library, { handled, rules, fileRights, flags }: RulesetPlan): void => {
    const prctl = library.func("prctl", "int", ["int", "ulong", "ulong", "ulong", "ulong"]);
    const createRuleset = library.func("syscall", "long", ["long", "void *", "size_t", "uint"]);
    const addRule = library.func("syscall", "long", ["long", "int", "int", "void *", "uint"]);
    const restrictSelf = library.func("syscall", "long", ["long", "int", "uint"]);

    const attributes = Buffer.from(handled, "base64");
    const ruleset = createRuleset(calls.createRuleset, attributes, attributes.length, 0) as number;
    if (ruleset < 0) throw refused("landlock_create_ruleset");
    const rule = Buffer.alloc(12);
    for (const [place, rights] of rules) {
      const file = openIfThere(place);
      if (file === null) continue;
      rule.writeUInt32LE(fstatSync(file).isDirectory() ? rights : rights & fileRights);
      rule.writeInt32LE(file, 8);
      addRule(calls.addRule, ruleset, pathBeneath, rule, 0);
      closeSync(file);
    }
    // Without it, holding oneself is for root alone.
    prctl(setNoNewPrivileges, 1, 0, 0, 0);
    const outcome = restrictSelf(calls.restrictSelf, ruleset, flags) as number;
    closeSync(ruleset);
    if (outcome !== 0) throw refused("landlock_restrict_self");
  };

  module.exports = { applyRuleset };
}
