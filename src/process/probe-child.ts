import { connect } from "node:net";

import { defaultProcessLimits } from "./child-limits.js";
import { confine, type Confinement } from "./confine.js";
import { serveTask } from "./serve-task.js";
import { tryDenied, type Allowed, type ProbePlaces } from "./try-denied.js";

export interface ProbeInput {
  readonly places: ProbePlaces;
  /** Packages that are loaded by the processes that make films. */
  readonly packages: readonly string[];
  /** URL of one of our modules whose `describe()` describes the loaded packages; null for none. */
  readonly describedBy: string | null;
}

export interface ProbeAnswer extends Confinement {
  /** Result of trying to connect; null when this process is not allowed to try. */
  readonly reached: string | null;
  readonly allowed: Allowed;
  /** Packages that could not be loaded, with the reasons. */
  readonly notLoaded: readonly { readonly name: string; readonly reason: string }[];
  /** Result of `describe()`; null when there is none to call, or a package could not be loaded. */
  readonly description: unknown;
}

// The process is confined already. Confining it again reports what failed; once it has its task, that is not possible.
const confinement = confine(defaultProcessLimits);

serveTask<ProbeInput, ProbeAnswer>(async ({ places, packages, describedBy }) => {
  const reached = await tryToConnect();
  const allowed = await tryDenied(places);
  const notLoaded = (await Promise.all(packages.map(tryToLoad))).filter((failure) => failure !== null);
  const description = describedBy === null || notLoaded.length > 0 ? null : await describeWith(describedBy);
  return { ...confinement, reached, allowed, notLoaded, description };
});

async function describeWith(module: string): Promise<unknown> {
  const { describe } = (await import(module)) as { readonly describe: () => unknown };
  return describe();
}

/** No server listens on the discard port of this machine, so the error shows whether the filter or the network rejected. */
async function tryToConnect(): Promise<string | null> {
  return await new Promise((resolve) => {
    connect(9, "127.0.0.1")
      .once("connect", () => resolve("connected"))
      .once("error", (error: NodeJS.ErrnoException) =>
        resolve(error.code === "EACCES" ? null : String(error.code)),
      );
  });
}

async function tryToLoad(name: string): Promise<ProbeAnswer["notLoaded"][number] | null> {
  try {
    await import(name);
    return null;
  } catch (error) {
    return { name, reason: error instanceof Error ? error.message : String(error) };
  }
}
