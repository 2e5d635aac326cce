import { cacheKey } from "../cache/cache-key.js";
import type { DiskCache } from "../cache/disk-cache.js";
import { looksPath } from "./encode-segment.js";
import { segmentPath } from "./encode-segments.js";
import type { FilmSegment } from "./film-segments.js";
import type { InspectedSegment } from "./inspect-segment.js";
import type { EncoderSettings } from "./quality.js";

type SegmentFacts = Pick<InspectedSegment, "frameCount" | "digest">;

/** @returns the segment, inspected when it was made, in the film's own folder, or null when it must be made */
export async function takeSegment(
  cache: DiskCache,
  segment: FilmSegment,
  encoder: EncoderSettings,
  folder: string,
): Promise<InspectedSegment | null> {
  const key = keyOf(segment, encoder);
  const path = segmentPath(folder, segment);
  const looks = looksPath(path);
  const taken = await cache.take<SegmentFacts>(key, (name) => (name === "looks" ? looks : path));
  return taken === null ? null : { ...taken.value, path, looks };
}

export async function keepSegment(
  cache: DiskCache,
  segment: FilmSegment,
  encoder: EncoderSettings,
  { path, looks, frameCount, digest }: InspectedSegment,
): Promise<void> {
  const value: SegmentFacts = { frameCount, digest };
  await cache.put(keyOf(segment, encoder), { value, files: { "segment.mp4": path, looks } });
}

function keyOf({ pictureKey }: FilmSegment, encoder: EncoderSettings): string {
  return cacheKey("inspected-segment", { pictureKey, encoder });
}
