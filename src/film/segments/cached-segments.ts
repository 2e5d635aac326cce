import { cacheKey } from "../../cache/cache-key.js";
import type { DiskCache } from "../../cache/disk-cache.js";
import { looksPath } from "./encode-segment.js";
import { segmentPath, type SegmentTask } from "./encode-segments.js";
import type { InspectedSegment } from "../inspection/inspect-segment.js";

type SegmentFacts = Pick<InspectedSegment, "frameCount" | "digest">;

/** @returns the segment, inspected when it was made, in the film's own folder, or null when it must be made */
export async function takeSegment(
  cache: DiskCache,
  task: SegmentTask,
  folder: string,
): Promise<InspectedSegment | null> {
  const key = keyOf(task);
  const path = segmentPath(folder, task);
  const looks = looksPath(path);
  const taken = await cache.get<SegmentFacts>(key, (name) => (name === "looks" ? looks : path));
  return taken === null ? null : { ...taken.value, path, looks };
}

export async function keepSegment(
  cache: DiskCache,
  task: SegmentTask,
  { path, looks, frameCount, digest }: InspectedSegment,
): Promise<void> {
  const value: SegmentFacts = { frameCount, digest };
  await cache.store(keyOf(task), { value, files: { "segment.mp4": path, looks } });
}

function keyOf({ segment, encoder }: SegmentTask): string {
  return cacheKey("inspected-segment", { pictureKey: segment.pictureKey, encoder });
}
