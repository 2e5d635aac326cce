import { accessSync, constants } from "node:fs";
import path from "node:path";

/** The path of the program of the system package. Null: it is not installed, and tests that need it are skipped. */
export function findPgbouncer(): string | null {
  const folders = [...(process.env["PATH"] ?? "").split(path.delimiter), "/usr/sbin", "/usr/local/sbin"];
  const files = folders.filter((folder) => folder !== "").map((folder) => path.join(folder, "pgbouncer"));
  return files.find(isProgram) ?? null;
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
