import { stat } from "node:fs/promises";
import path from "node:path";

/** Whether users other than the owner and the group may enter a folder and all folders above it. */
export async function othersCanEnter(folder: string): Promise<boolean> {
  for (let current = folder; ; current = path.dirname(current)) {
    const { mode } = await stat(current);
    if ((mode & 0o001) === 0) return false;
    if (path.dirname(current) === current) return true;
  }
}
