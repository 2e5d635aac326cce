/** The kind of a file by its bytes. The container of `media` may hold a voice or a video. */
export const detectedKinds = ["photo", "voice", "video", "media"] as const;
export type DetectedKind = (typeof detectedKinds)[number];
