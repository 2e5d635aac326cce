import { mkdir, rm } from "node:fs/promises";
import path from "node:path";

import { KeepsakeError, toKeepsakeError } from "../errors.js";
import { printable } from "../printable.js";
import { nativePackages } from "./native-packages.js";
import type { ProbeAnswer, ProbeInput } from "./probe-child.js";
import { runChild } from "./run-child.js";

/** How children are held on this machine. */
export interface ChildHold {
  readonly isWithoutNetwork: boolean;
  /** Of that and of all else, for the operator. */
  readonly sentence: string;
}

const maxReasonCharacters = 200;

/**
 * Starts a child and lets it try what it must not be able to do, and load what it must.
 *
 * @param folder private and existing
 * @throws KeepsakeError `child-probe-failed`: no film can be made on this machine; the signal's reason when aborted
 */
export async function probeChildren(folder: string, signal: AbortSignal): Promise<ChildHold> {
  const own = path.join(folder, "probe");
  const outside = path.join(folder, "outside");
  await mkdir(own);
  const { limitsMissing, filterMissing, reached, wroteOutside, notLoaded } = await probe(own, outside, signal);
  await rm(outside, { force: true });
  if (notLoaded.length > 0) throw missing(notLoaded);
  const isWithoutNetwork = reached === null;
  const network = isWithoutNetwork
    ? "Processes that decode files have no network and can start no programs"
    : `Processes that decode files could reach the network (${filterMissing ?? reached}): ` +
      "run the worker on Linux on x86-64 or arm64, or where nothing but the database and the storage can be reached";
  const writing = wroteOutside
    ? "they could write wherever this user may (Linux has Landlock for that since 5.13)"
    : "they write nowhere but in their film's folder";
  const limits =
    limitsMissing === null
      ? "their memory, CPU time, files and output are limited."
      : `only their time is limited (${limitsMissing}).`;
  return { isWithoutNetwork, sentence: `${network}; ${writing}; ${limits}` };
}

async function probe(folder: string, outside: string, signal: AbortSignal): Promise<ProbeAnswer> {
  const input = { outside, packages: nativePackages };
  const task = new URL("./probe-child.js", import.meta.url);
  try {
    return await runChild<ProbeInput, ProbeAnswer>(task, input, { folder, signal, timeoutSeconds: 60 });
  } catch (error) {
    signal.throwIfAborted();
    throw new KeepsakeError(
      "child-probe-failed",
      `No film can be made on this machine: the process that tries it failed. ${toKeepsakeError(error).message}`,
      { cause: error },
    );
  }
}

function missing(notLoaded: ProbeAnswer["notLoaded"]): KeepsakeError {
  const reasons = notLoaded.map(({ name, reason }) => {
    const [line = ""] = reason.split("\n");
    return `${name} (${printable(line).slice(0, maxReasonCharacters)})`;
  });
  return new KeepsakeError(
    "child-probe-failed",
    `No film can be made on this machine, because a package cannot be loaded: ${reasons.join(", ")}. ` +
      "Install the packages on the machine that runs them: npm run setup, or npm ci.",
  );
}
