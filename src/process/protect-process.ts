import { loadSystemCalls } from "./system-calls.js";

/** Of files: whatever a program is started for, it may reach what root could (linux/capability.h, 0 to 3). */
const fileCapabilities = new Set([0, 1, 2, 3]);

/**
 * Keeps the keys in this process's memory and environment from others, for good: no process of the same user may read
 * them, a crash leaves no core, and what it starts inherits neither open files nor, from root, the power to read all
 * the same. What the system does not offer is left as it is.
 *
 * @returns what could not be done and why, in words; null when all was
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
