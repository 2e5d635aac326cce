import koffi from "koffi";

/** The same number on every processor: https://docs.kernel.org/userspace-api/landlock.html. */
const createRuleset = 444;
const askVersion = 1;

/**
 * Returns whether this kernel offers Landlock. It calls the kernel, because the list of security modules in securityfs is
 * not mounted in many containers and virtual machines.
 */
export function hasLandlock(): boolean {
  if (process.platform !== "linux") return false;
  const call = koffi.load(null).func("syscall", "long", ["long", "void *", "size_t", "uint"]);
  return (call(createRuleset, null, 0, askVersion) as number) >= 1;
}
