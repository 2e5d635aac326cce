import { connect } from "node:net";

import { defaultProcessLimits } from "./child-limits.js";
import { confine, type Confinement } from "./confine.js";
import { serveTask } from "./serve-task.js";
import { tryDenied, type LetThrough, type ProbePlaces } from "./try-denied.js";

export interface ProbeInput {
  readonly places: ProbePlaces;
  /** What the processes that make films load. */
  readonly packages: readonly string[];
  /** Address of a module of ours whose `describe()` tells of what was loaded; null for none. */
  readonly describedBy: string | null;
}

export interface ProbeAnswer extends Confinement {
  /** What trying to connect came to; null where this process may not even try. */
  readonly reached: string | null;
  readonly through: LetThrough;
  /** Packages that could not be loaded, each with what was said of it. */
  readonly notLoaded: readonly { readonly name: string; readonly reason: string }[];
  /** What `describe()` answered; null where nothing was asked, or where something could not be loaded. */
  readonly description: unknown;
}

// It is confined already; confining it once more tells what did not work. Once it has its task it is too late.
const confinement = confine(defaultProcessLimits);

serveTask<ProbeInput, ProbeAnswer>(async ({ places, packages, describedBy }) => {
  const reached = await tryToConnect();
  const through = await tryDenied(places);
  const notLoaded = (await Promise.all(packages.map(tryToLoad))).filter((failure) => failure !== null);
  const description = describedBy === null || notLoaded.length > 0 ? null : await describeWith(describedBy);
  return { ...confinement, reached, through, notLoaded, description };
});

async function describeWith(module: string): Promise<unknown> {
  const { describe } = (await import(module)) as { readonly describe: () => unknown };
  return describe();
}

/** Nobody listens at the discard port of this machine: what is told apart is who refuses. */
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
