/**
 * Plans Landlock rulesets, which restrict a thread and all that it starts to a few files and folders.
 * `apply-ruleset.cts` enforces them. https://docs.kernel.org/userspace-api/landlock.html
 */
import { restrictAllThreads } from "./linux-calls.js";

/** Paths of files and folders. A folder includes all below it; a path that does not exist allows nothing. */
export interface AllowedPlaces {
  readonly reads: readonly string[];
  /** Places to write in, and to read. */
  readonly writes: readonly string[];
  /** Programs, and the files that the kernel loads to start them. */
  readonly runs: readonly string[];
}

export interface RulesetPlan {
  /** struct landlock_ruleset_attr, in base64: the rights that are denied unless a rule allows them. */
  readonly handled: string;
  /** Allowed rights (a set of bits) by path. */
  readonly rules: readonly (readonly [path: string, rights: number])[];
  /** The rights that a rule for a file may contain; the others are for folders. */
  readonly fileRights: number;
  /** Flags of landlock_restrict_self. */
  readonly flags: number;
}

// include/uapi/linux/landlock.h
const execute = 1 << 0;
const writeFile = 1 << 1;
const readFile = 1 << 2;
const readFolder = 1 << 3;
/** Rights to remove and make files and folders, and to make devices, sockets, pipes and links. */
const removeAndMakeAnything = 0b1_1111_1111 << 4;
const removeAndMakeFiles = 0b1_1011 << 4;
/** Right to move and link files from one folder to another. */
const moveAndLink = 1 << 13;
const truncate = 1 << 14;
const deviceCommands = 1 << 15;
const read = readFile | readFolder;
const change = read | writeFile | removeAndMakeFiles | moveAndLink | truncate;
const bindAndConnectTcp = 0b11;
const abstractSocketsAndSignals = 0b11;

/**
 * @param version of Landlock in the kernel; each version added rights
 * @param isForAllThreads restricts all threads of the process, where the kernel can; otherwise the ruleset restricts the
 *   calling thread and what it starts
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
