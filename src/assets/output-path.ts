import path from "node:path";

/** Of what preparing a file may write: raw pixels, the same made small, raw sound. */
export const outputExtensions = ["rgb", "thumbnail", "f32"] as const;

/** Where it goes: named after the file's bytes, never after what the file was called. */
export function outputPath(
  input: { readonly folder: string; readonly sha256: string },
  extension: (typeof outputExtensions)[number],
): string {
  return path.join(input.folder, `${input.sha256}.${extension}`);
}
