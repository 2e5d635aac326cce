/** Variables of the worker that a child needs too. */
const inherited = ["PATH", "LANG", "TZ", "LD_LIBRARY_PATH", "SystemRoot"];

/**
 * glibc allocates large blocks on its heap once some have been freed, and small blocks that live longer prevent returning
 * that memory: a clip with packets of 3 MB needed 3 MB more with each picture. A fixed threshold (mallopt(3)) maps
 * and unmaps every block of a megabyte on its own. Other C libraries ignore these variables.
 */
const mallocSettings = {
  MALLOC_MMAP_THRESHOLD_: String(2 ** 20),
  MALLOC_TRIM_THRESHOLD_: String(2 ** 23),
};

/** Creates the environment of a child, with only the variables that it needs, so that no key of the worker can leak. */
export function childEnvironment(folder: string): Record<string, string> {
  const environment: Record<string, string> = {
    // Films use bundled fonts only; without this the canvas loads the fonts of the machine when it starts.
    DISABLE_SYSTEM_FONTS_LOAD: "1",
    HOME: folder,
    TMPDIR: folder,
    ...mallocSettings,
  };
  for (const name of inherited) {
    const value = process.env[name];
    if (value !== undefined) environment[name] = value;
  }
  return environment;
}
