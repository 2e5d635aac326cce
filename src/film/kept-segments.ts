import { cacheKey } from "../cache/cache-key.js";
import type { DiskCache } from "../cache/disk-cache.js";
import type { EncodedSegment } from "./encode-segment.js";
import { segmentPath } from "./encode-segments.js";
import type { FilmSegment } from "./film-segments.js";
import type { EncoderSettings } from "./quality.js";

/** What the film needs of a segment, however it came to be. */
export type ReadySegment = Pick<EncodedSegment, "path" | "frameCount">;

/** @returns the segment in the film's own folder, or null when it must be made */
export async function takeSegment(
  cache: DiskCache,
  segment: FilmSegment,
  encoder: EncoderSettings,
  folder: string,
): Promise<ReadySegment | null> {
  const key = keyOf(segment, encoder);
  const taken = await cache.take<{ frameCount: number }>(key, () => segmentPath(folder, segment));
  const file = taken?.files["segment.mp4"];
  return taken === null || file === undefined ? null : { ...taken.value, path: file.path };
}

export async function keepSegment(
  cache: DiskCache,
  segment: FilmSegment,
  encoder: EncoderSettings,
  { path, frameCount }: ReadySegment,
): Promise<void> {
  await cache.put(keyOf(segment, encoder), { value: { frameCount }, files: { "segment.mp4": path } });
}

function keyOf({ pictureKey }: FilmSegment, encoder: EncoderSettings): string {
  return cacheKey("segment", { pictureKey, encoder });
}
