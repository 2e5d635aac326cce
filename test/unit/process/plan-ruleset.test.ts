import { describe, expect, it } from "vitest";

import { planRuleset } from "../../../dist/process/plan-ruleset.js";
import { planChildRulesets } from "../../../dist/process/plan-child-rulesets.js";

const places = { reads: ["/read"], writes: ["/write"], runs: ["/run"] };
/** include/uapi/linux/landlock.h: EXECUTE to MAKE_SYM are 0 to 12; REFER 13, TRUNCATE 14, IOCTL_DEV 15. */
const first = 0x1fff;
const [refer, truncate, deviceCommands] = [1 << 13, 1 << 14, 1 << 15];

// Rights that each version of the kernel's interface knows. A kernel rejects a ruleset with rights that it does not know.
describe.each([
  { version: 1, bytes: 8, files: first },
  { version: 2, bytes: 8, files: first | refer },
  { version: 3, bytes: 8, files: first | refer | truncate },
  { version: 4, bytes: 16, files: first | refer | truncate },
  { version: 5, bytes: 16, files: first | refer | truncate | deviceCommands },
  { version: 6, bytes: 24, files: first | refer | truncate | deviceCommands },
  { version: 7, bytes: 24, files: first | refer | truncate | deviceCommands },
  { version: 8, bytes: 24, files: first | refer | truncate | deviceCommands },
  { version: 11, bytes: 24, files: first | refer | truncate | deviceCommands },
])("version $version of Landlock", ({ version, bytes, files }) => {
  const plan = planRuleset(version, places, false);
  const handled = Buffer.from(plan.handled, "base64");
  const rights = new Map(plan.rules);

  it("handles the rights that it knows", () => {
    expect(handled).toHaveLength(bytes);
    expect(handled.readBigUInt64LE()).toBe(BigInt(files));
    // TCP: binding and connecting. Scopes: abstract sockets and signals.
    if (bytes >= 16) expect(handled.readBigUInt64LE(8)).toBe(3n);
    if (bytes >= 24) expect(handled.readBigUInt64LE(16)).toBe(3n);
  });

  it("allows reading, writing and running only in the given places", () => {
    const [execute, write, readFile, readFolder] = [1, 2, 4, 8];
    expect(rights.get("/read")).toBe(readFile | readFolder);
    expect(rights.get("/run")).toBe(execute | readFile);
    const writing = rights.get("/write") ?? 0;
    expect(writing & (readFile | readFolder | write)).toBe(readFile | readFolder | write);
    // Not included: programs, devices, sockets, pipes, links, and commands to devices.
    const [makeDevice, makeSocket, makePipe, makeBlock, makeLink] = [
      1 << 6,
      1 << 9,
      1 << 10,
      1 << 11,
      1 << 12,
    ];
    expect(
      writing & (execute | makeDevice | makeSocket | makePipe | makeBlock | makeLink | deviceCommands),
    ).toBe(0);
    for (const each of rights.values()) expect(each & ~files).toBe(0);
    expect([...rights.keys()]).toEqual(["/read", "/run", "/write", "/dev/null"]);
  });

  it("restricts all threads by one call only when told to", () => {
    expect(plan.flags).toBe(0);
    // LANDLOCK_RESTRICT_SELF_TSYNC
    expect(planRuleset(version, places, true)).toEqual({ ...plan, flags: 1 << 3 });
  });
});

describe.runIf(process.platform === "linux")("the Landlock rulesets of a child", () => {
  const film = { folder: "/films/one/media", film: "/films/one", reads: ["/music"] };
  const pathsOf = (plan: { readonly rules: readonly (readonly [string, number])[] } | null | undefined) =>
    plan?.rules.map(([path]) => path) ?? [];

  it("are applied by the child for all its threads when the kernel can do that", () => {
    const { own, thread } = planChildRulesets({ version: 8, coversAllThreads: true }, film);
    expect(thread).toBeNull();
    expect(own?.flags).toBe(1 << 3);
    expect(pathsOf(own)).toEqual(expect.arrayContaining(["/films/one", "/films/one/media", "/music"]));
    expect(pathsOf(own)).not.toContain("/");
  });

  it.each([1, 7, 8, 9])("are applied by the thread that starts it when version %d cannot", (version) => {
    const { own, thread } = planChildRulesets({ version, coversAllThreads: false }, film);
    // A flag for all threads would restrict the worker itself.
    expect([own?.flags, thread?.plan.flags]).toEqual([0, 0]);
    expect(pathsOf(thread?.plan)).toEqual(expect.arrayContaining(["/films/one", "/music"]));
    expect(pathsOf(thread?.plan)).not.toContain("/films");
    expect(pathsOf(own)).toContain("/films/one/media");
  });

  it("do not exist where there is no Landlock", () => {
    expect(planChildRulesets({ version: 0, coversAllThreads: false }, film)).toEqual({
      own: null,
      thread: null,
    });
  });
});
