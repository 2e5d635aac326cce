/** One entry per process that this one started and that has not ended: a test polls until there is none. */
export function runningProcesses(): readonly string[] {
  return process.getActiveResourcesInfo().filter((resource) => resource === "ProcessWrap");
}
