import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { getPriority } from "node:os";

import { deniedCallNumber, newestKnownCall } from "./denied-calls.js";
import { filteredArchitecture } from "./filtered-architecture.js";

/** Files that a confined process must not be able to reach. */
export interface ProbePlaces {
  /** A file that does not exist. */
  readonly missing: string;
  /** A file of the parent, which this user may read and change. */
  readonly existing: string;
}

/** An attempt, which throws when it is denied and does no harm when it is not. */
type Try = (places: ProbePlaces) => unknown;

/** Attempts by the names that the doctor shows when they were not denied. */
const fileTries = {
  "writing files of this user": ({ missing }) => writeFileSync(missing, ""),
  "reading files of this user": ({ existing }) => readFileSync(existing),
  "reading files of this user in another thread": async ({ existing }) => await readFile(existing),
} as const satisfies Record<string, Try>;

const callTries = {
  "the mode of files": ({ existing }) => chmodSync(existing, statSync(existing).mode),
  "the owner of files": ({ existing }) => chownSync(existing, statSync(existing).uid, statSync(existing).gid),
  "the times of files": ({ existing }) => utimesSync(existing, new Date(), new Date()),
  "attributes of files": ({ existing }) => call("removexattr", existing, "user.keepsake"),
  "truncating files": ({ existing }) => call("truncate", existing, statSync(existing).size),
  "the priority of the worker": () => call("setpriority", 0, process.ppid, getPriority(process.ppid)),
  "the processors of the worker": () => call("sched_setaffinity", process.ppid, 0, null),
  "signals to the worker": () => process.kill(process.ppid, 0),
  programs: () => {
    const { error } = spawnSync(process.execPath, ["--version"], { stdio: "ignore" });
    if (error !== undefined) throw error;
  },
  namespaces: () => call("unshare", 0),
  io_uring: () => call("io_uring_setup", 0, null),
  // No kernel allocates a segment of size 0, so nothing is left behind.
  "System V memory": () => call("shmget", 0, 0),
  "System V queues": () => call("msgget", 0x6b65_6570, 0),
  "System V semaphores": () => call("semget", 0, 0, 0),
  "POSIX queues": () => call("mq_open", "keepsake-probe", 0),
  "other ways into the kernel": () => call("lsm_list_modules", null, null, 0),
} as const satisfies Record<string, Try>;

export type FileTry = keyof typeof fileTries;
export type CallTry = keyof typeof callTries | "calls that are newer than those we know";

/** Attempts that were not denied to a confined process. */
export interface Allowed {
  readonly files: readonly FileTry[];
  readonly calls: readonly CallTry[];
}

/** Tries one way of each kind in this process, which should be confined. */
export async function tryDenied(places: ProbePlaces): Promise<Allowed> {
  const files = await findAllowed(fileTries, places);
  // Other systems have no filter, and the numbers mean other calls there.
  if (process.platform !== "linux") return { files, calls: [] };
  const calls: CallTry[] = await findAllowed(callTries, places);
  if (reachesNewCalls()) calls.push("calls that are newer than those we know");
  return { files, calls };
}

async function findAllowed<Name extends string>(
  tries: Readonly<Record<Name, Try>>,
  places: ProbePlaces,
): Promise<Name[]> {
  const allowed: Name[] = [];
  for (const name of Object.keys(tries) as Name[]) {
    try {
      await tries[name](places);
      allowed.push(name);
    } catch (error) {
      // With any other error the kernel processed the call, so the call was not denied.
      const { code } = error as NodeJS.ErrnoException;
      if (code !== "EACCES" && code !== "EPERM") allowed.push(name);
    }
  }
  return allowed;
}

const denials: Readonly<Record<number, string>> = { 1: "EPERM", 13: "EACCES" };

/** @throws Error with the error code of the kernel */
function call(
  name: Parameters<typeof deniedCallNumber>[0],
  ...args: readonly (number | string | null)[]
): void {
  const architecture = filteredArchitecture();
  const number = architecture === null ? null : deniedCallNumber(name, architecture);
  if (number === null) return;
  const { result, errno } = systemCall(number, args);
  if (result >= 0) return;
  throw Object.assign(new Error(`${name} was denied`), { code: denials[errno] ?? "OTHER" });
}

/** Whether calls that are newer than our list reach the kernel. An older kernel answers like the filter, which is fine. */
function reachesNewCalls(): boolean {
  const enosys = 38;
  const numbers = Array.from({ length: 8 }, (_, index) => newestKnownCall + 1 + index);
  try {
    return numbers.some((number) => systemCall(number, [-1, -1, -1, -1, -1, -1]).errno !== enosys);
  } catch {
    return true;
  }
}

function systemCall(
  number: number,
  args: readonly (number | string | null)[],
): { readonly result: number; readonly errno: number } {
  const koffi = createRequire(import.meta.url)("koffi") as typeof import("koffi");
  const types = args.map((one) => (typeof one === "string" ? "str" : one === null ? "void *" : "long"));
  const result = koffi.load(null).func("syscall", "long", ["long", ...types])(number, ...args) as number;
  return { result, errno: koffi.errno() };
}
