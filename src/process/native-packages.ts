/**
 * The packages with a binary of their own that the processes which make films load. They are tried by name: what is
 * installed for another system, or half, fails when it is loaded, and only then.
 */
export const nativePackages = ["node-av/lib", "@napi-rs/canvas", "sharp"] as const;
