/**
 * Packages with native binaries that are loaded by the processes that make films. The probe loads each, because a package
 * that was installed incompletely or for another system fails only when it is loaded.
 */
export const nativePackages = ["node-av/lib", "@napi-rs/canvas", "sharp"] as const;
