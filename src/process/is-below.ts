import path from "node:path";

/** Whether an absolute path lies in a folder, or is that folder; links are not followed. */
export function isBelow(place: string, folder: string): boolean {
  const way = path.relative(folder, place);
  return way === "" || (way !== ".." && !way.startsWith(`..${path.sep}`) && !path.isAbsolute(way));
}
