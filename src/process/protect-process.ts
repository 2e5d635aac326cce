import { loadSystemCalls } from "./system-calls.js";

/** Capabilities over files (linux/capability.h, 0 to 3): programs that we start as root still access files as root. */
const fileCapabilities = new Set([0, 1, 2, 3]);

/**
 * Protects the keys in this process's memory and environment permanently: no process of the same user may read them, a
 * crash writes no core, and programs that it starts inherit neither open files nor root's capabilities, which would let
 * them read the memory anyway. A protection that the system does not offer is left out.
 *
 * @returns what failed and why; null when nothing did
 */
export function protectProcess(): string | null {
  const calls = loadSystemCalls();
  if (calls === null || calls.linux === null) return `there is no such protection on ${process.platform}`;
  const { linux } = calls;
  const steps = [() => linux.hideMemory(), () => linux.closeOnStart()];
  if (process.getuid?.() === 0) steps.push(() => linux.dropCapabilities(fileCapabilities));
  const failures = steps.flatMap((step) => {
    try {
      step();
      return [];
    } catch (error) {
      return [(error as Error).message];
    }
  });
  return failures.length === 0 ? null : failures.join("; ");
}
