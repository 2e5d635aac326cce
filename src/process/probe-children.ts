import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import path from "node:path";

import { KeepsakeError, toKeepsakeError } from "../errors.js";
import { printable } from "../printable.js";
import { forbidRings } from "./forbid-rings.js";
import { nativePackages } from "./native-packages.js";
import type { ProbeAnswer, ProbeInput } from "./probe-child.js";
import { runChild } from "./run-child.js";
import type { FileTry } from "./try-denied.js";

/** Result of the probe: how well children are confined on this machine. */
export interface SandboxReport {
  readonly isWithoutNetwork: boolean;
  /** Everything that was tried and must be denied was denied. */
  readonly isSandboxed: boolean;
  /** Summary for the operator. */
  readonly sentence: string;
  /** Result of `describe()` of the given module; null when none was given. */
  readonly description: unknown;
}

const maxReasonCharacters = 200;

/**
 * Starts a child that tries actions that must be denied to it, and loads the packages that films need.
 *
 * @param folder private and existing
 * @param describedBy module whose `describe()` the child calls once everything is loaded
 * @throws KeepsakeError `child-probe-failed`: no film can be made on this machine; the signal's reason when aborted
 */
export async function probeChildren(
  folder: string,
  signal: AbortSignal,
  describedBy: URL | null = null,
): Promise<SandboxReport> {
  const own = path.join(folder, "probe");
  await mkdir(own);
  // This folder is next to the folders of films, and is removed with them if it is left behind.
  const outside = await mkdtemp(`${folder}-outside-`);
  const places = { missing: path.join(outside, "missing"), existing: path.join(outside, "existing") };
  await writeFile(places.existing, "x", { mode: 0o600 });
  let answer: ProbeAnswer;
  try {
    answer = await probe(own, { places, describedBy: describedBy?.href ?? null }, signal);
  } finally {
    await rm(outside, { recursive: true, force: true });
  }
  if (answer.notLoaded.length > 0) throw missing(answer.notLoaded);
  const { limitsMissing, filterMissing, reached, allowed, description } = answer;
  const isWithoutNetwork = reached === null;
  const network = isWithoutNetwork
    ? "Processes that decode files have no network and can start no programs"
    : `Processes that decode files could reach the network (${filterMissing ?? reached}): ` +
      "run the worker on Linux on x86-64 or arm64, or where nothing but the database and the storage can be reached";
  const limits =
    limitsMissing === null
      ? "their memory, CPU time, files and output are limited."
      : `only their time is limited (${limitsMissing}).`;
  // Without a filter every call is allowed, which the first sentence already implies.
  const calls =
    filterMissing === null && allowed.calls.length > 0 ? ` Not denied: ${allowed.calls.join(", ")}.` : "";
  return {
    isWithoutNetwork,
    isSandboxed: isWithoutNetwork && allowed.files.length + allowed.calls.length === 0,
    sentence: `${network}; ${fileAccess(allowed.files)}; ${limits}${calls}`,
    description,
  };
}

function fileAccess(allowed: readonly FileTry[]): string {
  if (allowed.length > 0)
    return (
      "they could write wherever this user may, and decoders may read whatever this user may, and show it in a film: " +
      "run the worker on Linux 5.13 or newer with Landlock switched on (docs/children.md), or as a separate user that owns nothing else"
    );
  return "they write only in their film's folder, and read only that folder, their code, and the music and model that you set";
}

async function probe(
  folder: string,
  request: Omit<ProbeInput, "packages">,
  signal: AbortSignal,
): Promise<ProbeAnswer> {
  const input = { ...request, packages: nativePackages };
  const task = new URL("./probe-child.js", import.meta.url);
  try {
    return await runChild<ProbeInput, ProbeAnswer>(task, input, { folder, signal, timeoutSeconds: 60 });
  } catch (error) {
    signal.throwIfAborted();
    const rings = forbidRings();
    const why = rings === null ? "" : ` The kernel's io_uring could not be disabled for it: ${rings}.`;
    throw new KeepsakeError(
      "child-probe-failed",
      `No film can be made on this machine: the process that tests it failed. ${toKeepsakeError(error).message}${why}`,
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
      "Install the packages on the machine that runs them: `npm run setup`, or `npm ci`.",
  );
}
