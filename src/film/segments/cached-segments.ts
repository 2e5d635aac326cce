import { cacheKey } from "../../cache/cache-key.js";
import type { DiskCache } from "../../cache/disk-cache.js";
import type { InspectedSegment } from "../model/segments.js";
import { thumbnailsPath } from "./encode-segment.js";
import { segmentPath, type EncodeTask } from "./encode-segments.js";

type CachedFacts = Omit<InspectedSegment, "path" | "thumbnails">;

/** @returns the segment in the film's own folder, inspected when it was made; null when it must be made */
export async function getSegment(
  cache: DiskCache,
  task: EncodeTask,
  folder: string,
): Promise<InspectedSegment | null> {
  const path = segmentPath(folder, task);
  const thumbnails = thumbnailsPath(path);
  const cached = await cache.get<CachedFacts>(keyOf(task), (name) =>
    name === "thumbnails" ? thumbnails : path,
  );
  return cached === null ? null : { ...cached.value, path, thumbnails };
}

export async function storeSegment(
  cache: DiskCache,
  task: EncodeTask,
  { path, thumbnails, ...facts }: InspectedSegment,
): Promise<void> {
  await cache.store<CachedFacts>(keyOf(task), { value: facts, files: { "segment.mp4": path, thumbnails } });
}

function keyOf({ segment, encoder }: EncodeTask): string {
  return cacheKey("inspected-segment", { pictureKey: segment.pictureKey, encoder });
}
