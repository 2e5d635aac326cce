/**
 * Packages with native binaries that the processes which make films load. The probe loads each, because a package that
 * was installed for another system or incompletely fails only when it is loaded.
 */
export const nativePackages = ["node-av/lib", "@napi-rs/canvas", "sharp"] as const;
