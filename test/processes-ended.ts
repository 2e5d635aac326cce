import { expect } from "vitest";

/** Waits until no process that this one started is left, or fails at the limit of `expect.poll`. */
export async function processesEnded(): Promise<void> {
  await expect.poll(() => process.getActiveResourcesInfo()).not.toContain("ProcessWrap");
}
