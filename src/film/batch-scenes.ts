import { photoOf, type Scene } from "./scene.js";

/** Of decoded photos that a batch of scenes may need together: about 16 of 12 megapixels. */
const mostBytes = 600_000_000;
const bytesPerPixel = 3;

/** Scenes in their order, in batches whose photos fit on the disk together; a photo in a batch counts once. */
export function batchByPhotos(scenes: readonly Scene[]): readonly (readonly Scene[])[] {
  const batches: Scene[][] = [];
  let photos = new Map<string, number>();
  for (const scene of scenes) {
    const photo = photoOf(scene.content);
    const bytes = photo === null ? 0 : bytesPerPixel * photo.width * photo.height;
    const isNew = photo !== null && !photos.has(photo.sha256);
    const sum = [...photos.values()].reduce((all, one) => all + one, 0);
    if (batches.length === 0 || (isNew && photos.size > 0 && sum + bytes > mostBytes)) {
      batches.push([]);
      photos = new Map();
    }
    if (photo !== null) photos.set(photo.sha256, bytes);
    batches.at(-1)?.push(scene);
  }
  return batches;
}
