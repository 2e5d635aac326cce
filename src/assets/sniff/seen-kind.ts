/** What a file's bytes say that it is; `media` may be a voice or a video, as its container holds either. */
export const seenKinds = ["photo", "voice", "video", "media"] as const;
export type SeenKind = (typeof seenKinds)[number];
