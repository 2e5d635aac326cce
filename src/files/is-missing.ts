import { stat } from "node:fs/promises";

/** Whether a system error says that nothing exists at a path. */
export function isMissing(error: unknown): boolean {
  return codeOf(error) === "ENOENT";
}

/**
 * Whether a system error says that a path cannot lead to a file: nothing is there, a part of it is a file and no folder,
 * its links form a loop, or a name is too long. Paths that come from outside may be any of these.
 */
export function isNoFile(error: unknown): boolean {
  return noFileCodes.has(codeOf(error) ?? "");
}

/**
 * Whether something exists at a path.
 *
 * @throws the system's error when that cannot be found out
 */
export async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    (error: unknown) => {
      if (isNoFile(error)) return false;
      throw error;
    },
  );
}

const noFileCodes: ReadonlySet<string> = new Set(["ENOENT", "ENOTDIR", "ELOOP", "ENAMETOOLONG"]);

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | null | undefined)?.code;
}
