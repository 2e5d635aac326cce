import path from "node:path";

/** Whether an absolute path is a folder or is inside it; links are not followed. */
export function isBelow(place: string, folder: string): boolean {
  const relative = path.relative(folder, place);
  return (
    relative === "" ||
    (relative !== ".." && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative))
  );
}
