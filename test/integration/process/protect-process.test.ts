import { spawn } from "node:child_process";
import { chmod } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

import { beforeAll, describe, expect, it } from "vitest";
import { useFolder } from "../../use-folder.js";

const mark = "key-of-a-test-that-nobody-may-see";
const parent = fileURLToPath(new URL("./parent.mjs", import.meta.url));
const isRoot = process.getuid?.() === 0;

const folder = useFolder();
beforeAll(async () => {
  await chmod(folder, 0o777);
});

interface Sight {
  readonly uid: number;
  readonly environment: { readonly answer?: string; readonly refused?: string };
  readonly memory: { readonly answer?: boolean; readonly refused?: string };
  readonly files: { readonly answer: readonly string[] };
  readonly capabilities: { readonly answer: string };
}

async function inspectParent(protection: "protected" | "bare", uid: number | null): Promise<Sight> {
  const child = spawn(process.execPath, [parent, folder, protection], {
    cwd: folder,
    env: { SUPABASE_SERVICE_ROLE_KEY: mark },
    stdio: ["ignore", "pipe", "inherit"],
    ...(uid === null ? {} : { uid, gid: uid }),
  });
  if (child.stdout === null) throw new Error("It has no output.");
  return JSON.parse(await text(child.stdout)) as Sight;
}

const users: { who: string; uid: number | null }[] = [{ who: "this user", uid: null }];
if (isRoot) users.push({ who: "nobody", uid: 65_534 });

describe.runIf(process.platform === "linux").each(users)("a child of $who", ({ uid }) => {
  it("cannot read the memory and environment of its protected parent", async () => {
    const { environment, memory, capabilities, uid: own } = await inspectParent("protected", uid);
    expect(own).toBe(uid ?? process.getuid?.());
    expect(environment).toEqual({ refused: "EACCES" });
    expect(memory).toEqual({ refused: "EACCES" });
    // At most the capabilities of root over files are left.
    expect(BigInt(`0x${capabilities.answer}`) & ~0b1111n).toBe(0n);
  });

  it("inherits none of its protected parent's open files", async () => {
    const { files } = await inspectParent("protected", uid);
    expect(files.answer).not.toContain("/dev/zero");
    expect(files.answer.length).toBeGreaterThan(3);
  });

  it("can read all of it when the parent is not protected", async () => {
    const { environment, files } = await inspectParent("bare", uid);
    expect(environment.answer).toContain(mark);
    expect(files.answer).toContain("/dev/zero");
  });
});
