import path from "node:path";

/** Extensions of the files that preparing a file may write: raw pixels, a small copy of them, raw sound. */
export const outputExtensions = ["rgb", "thumbnail", "f32"] as const;

/** Path of a prepared file. It is named after the hash of the original, never after the name that a user gave. */
export function outputPath(
  input: { readonly folder: string; readonly sha256: string },
  extension: (typeof outputExtensions)[number],
): string {
  return path.join(input.folder, `${input.sha256}.${extension}`);
}
