/**
 * What a thread gives up by Landlock, so that it and all that it starts reach files in a few places alone. It is planned
 * here and put in force by `apply-ruleset.cts`. https://docs.kernel.org/userspace-api/landlock.html
 */
import { restrictAllThreads } from "./linux-calls.js";

/** Paths of files and folders: a folder stands for all below it, and a path that is not there for nothing. */
export interface AllowedPlaces {
  readonly reads: readonly string[];
  /** To read in too. */
  readonly writes: readonly string[];
  /** Programs, and what the kernel loads to start them. */
  readonly runs: readonly string[];
}

export interface RulesetPlan {
  /** struct landlock_ruleset_attr, in base64: what is refused wherever no rule allows it. */
  readonly handled: string;
  /** Bits of rights, by path. */
  readonly rules: readonly (readonly [path: string, rights: number])[];
  /** Of these a rule for a file that is no folder may have some. */
  readonly fileRights: number;
  /** Of landlock_restrict_self. */
  readonly flags: number;
}

// include/uapi/linux/landlock.h
const execute = 1 << 0;
const writeFile = 1 << 1;
const readFile = 1 << 2;
const readFolder = 1 << 3;
/** Removing files and folders, making them, and making devices, sockets, pipes and links. */
const removeAndMakeAnything = 0b1_1111_1111 << 4;
const removeAndMakeFiles = 0b1_1011 << 4;
/** From one folder to another. */
const moveAndLink = 1 << 13;
const truncate = 1 << 14;
const deviceCommands = 1 << 15;
const read = readFile | readFolder;
const change = read | writeFile | removeAndMakeFiles | moveAndLink | truncate;
const bindAndConnectTcp = 0b11;
const abstractSocketsAndSignals = 0b11;

/**
 * @param version of Landlock, as the kernel answers it; each kind of right exists since one of them
 * @param isForAllThreads of the process, where the kernel can; else the thread that asks is held, and what it starts
 */
export function planRuleset(
  version: number,
  { reads, writes, runs }: AllowedPlaces,
  isForAllThreads: boolean,
): RulesetPlan {
  const files =
    execute |
    read |
    writeFile |
    removeAndMakeAnything |
    (version >= 2 ? moveAndLink : 0) |
    (version >= 3 ? truncate : 0) |
    (version >= 5 ? deviceCommands : 0);
  const handled = Buffer.alloc(version < 4 ? 8 : version < 6 ? 16 : 24);
  handled.writeUInt32LE(files, 0);
  if (version >= 4) handled.writeUInt32LE(bindAndConnectTcp, 8);
  if (version >= 6) handled.writeUInt32LE(abstractSocketsAndSignals, 16);
  const rules: [string, number][] = [
    ...reads.map((place): [string, number] => [place, read]),
    ...runs.map((place): [string, number] => [place, execute | readFile]),
    ...writes.map((place): [string, number] => [place, change]),
    ["/dev/null", readFile | writeFile | truncate | deviceCommands],
  ];
  return {
    handled: handled.toString("base64"),
    rules: rules.map(([place, rights]) => [place, rights & files]),
    fileRights: execute | writeFile | readFile | truncate | deviceCommands,
    flags: isForAllThreads ? restrictAllThreads : 0,
  };
}
