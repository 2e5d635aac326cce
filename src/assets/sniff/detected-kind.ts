/** What a file's bytes say that it is; `media` may be a voice or a video, as its container holds either. */
export const detectedKinds = ["photo", "voice", "video", "media"] as const;
export type DetectedKind = (typeof detectedKinds)[number];
