import { describe, expect, it } from "vitest";

import { canHoldAllThreads, planHold } from "../../../dist/process/plan-hold.js";

const places = { reads: ["/read"], writes: ["/write"], runs: ["/run"] };
/** include/uapi/linux/landlock.h: EXECUTE to MAKE_SYM are 0 to 12; REFER 13, TRUNCATE 14, IOCTL_DEV 15. */
const first = 0x1fff;
const [refer, truncate, deviceCommands] = [1 << 13, 1 << 14, 1 << 15];

// What each version of the kernel's interface knows: one that is asked for more refuses all of it.
describe.each([
  { version: 1, bytes: 8, files: first, allThreads: false },
  { version: 2, bytes: 8, files: first | refer, allThreads: false },
  { version: 3, bytes: 8, files: first | refer | truncate, allThreads: false },
  { version: 4, bytes: 16, files: first | refer | truncate, allThreads: false },
  { version: 5, bytes: 16, files: first | refer | truncate | deviceCommands, allThreads: false },
  { version: 6, bytes: 24, files: first | refer | truncate | deviceCommands, allThreads: false },
  { version: 7, bytes: 24, files: first | refer | truncate | deviceCommands, allThreads: false },
  { version: 8, bytes: 24, files: first | refer | truncate | deviceCommands, allThreads: true },
  { version: 11, bytes: 24, files: first | refer | truncate | deviceCommands, allThreads: true },
])("version $version of Landlock", ({ version, bytes, files, allThreads }) => {
  const plan = planHold(version, places);
  const handled = Buffer.from(plan.handled, "base64");
  const rights = new Map(plan.rules);

  it("is asked for what it knows", () => {
    expect(handled).toHaveLength(bytes);
    expect(handled.readBigUInt64LE()).toBe(BigInt(files));
    // TCP: binding and connecting. Scopes: abstract sockets and signals.
    if (bytes >= 16) expect(handled.readBigUInt64LE(8)).toBe(3n);
    if (bytes >= 24) expect(handled.readBigUInt64LE(16)).toBe(3n);
  });

  it("lets read, write and run where that was said, and nothing more", () => {
    const [execute, write, readFile, readFolder] = [1, 2, 4, 8];
    expect(rights.get("/read")).toBe(readFile | readFolder);
    expect(rights.get("/run")).toBe(execute | readFile);
    const writing = rights.get("/write") ?? 0;
    expect(writing & (readFile | readFolder | write)).toBe(readFile | readFolder | write);
    // Neither programs, devices, sockets, pipes and links, nor commands to devices.
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

  it("holds all threads by one call where it can", () => {
    expect(canHoldAllThreads(version)).toBe(allThreads);
    // LANDLOCK_RESTRICT_SELF_TSYNC
    expect(plan.flags).toBe(allThreads ? 8 : 0);
  });
});
