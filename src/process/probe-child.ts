import { connect } from "node:net";

import { confine, type Confinement } from "./confine.js";
import { serveTask } from "./serve-task.js";
import { defaultProcessLimits } from "./child-limits.js";

export interface ProbeAnswer extends Confinement {
  /** What trying to connect came to; null where this process may not even try. */
  readonly reached: string | null;
}

// Is confined like any other, but by itself, so that it can say what did not work.
serveTask<null, ProbeAnswer>(async () => {
  const confinement = await confine(defaultProcessLimits);
  return { ...confinement, reached: await tryToConnect() };
});

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
