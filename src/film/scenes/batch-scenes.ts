import { decodedBytes, decodedPhotosBytes } from "../../media/asset.js";
import { photoOf, type Scene } from "../model/scene.js";

/**
 * Puts scenes, in their order, into batches whose decoded photos may be on the disk together. A photo counts once per
 * batch.
 */
export function batchByPhotos(scenes: readonly Scene[]): readonly (readonly Scene[])[] {
  const batches: Scene[][] = [];
  let photos = new Map<string, number>();
  for (const scene of scenes) {
    const photo = photoOf(scene.content);
    const bytes = photo === null ? 0 : decodedBytes(photo);
    const isNew = photo !== null && !photos.has(photo.sha256);
    const sum = [...photos.values()].reduce((all, one) => all + one, 0);
    if (batches.length === 0 || (isNew && photos.size > 0 && sum + bytes > decodedPhotosBytes)) {
      batches.push([]);
      photos = new Map();
    }
    if (photo !== null) photos.set(photo.sha256, bytes);
    batches.at(-1)?.push(scene);
  }
  return batches;
}
