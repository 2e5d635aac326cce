import { readFile } from "node:fs/promises";

import type { Asset, ClipAsset, SoundAsset } from "../../dist/media/asset.js";
import { even } from "../../dist/film/model/box.js";
import { i420ToRgb } from "../../dist/film/poster/i420-to-rgb.js";
import { openClip } from "../../dist/media/pictures/open-clip.js";
import { readSoundFile } from "../../dist/media/sound/sound-file.js";
import { serveTask } from "../../dist/process/serve-task.js";
import { lookPlaces, type Look, type SoundLook } from "./look.js";
import { measurePicture } from "./measure-picture.js";
import { measureSound } from "./measure-sound.js";
import { sampleRate } from "../../dist/media/sound/sound-format.js";

/** Of the pictures of a clip that are measured. */
const longestSide = 320;
const fps = 30;

serveTask<Asset, Look>(async (asset) => {
  if (asset.kind === "sound") {
    const seconds = asset.sampleCount / sampleRate;
    return { width: null, height: null, seconds, pictures: [], sound: await hear(asset) };
  }
  const { width, height } = asset;
  if (asset.kind === "photo") {
    const rgb = await readFile(asset.path);
    return { width, height, seconds: null, pictures: [measurePicture({ rgb, width, height })], sound: null };
  }
  const sound = asset.sound === null ? null : await hear(asset.sound);
  const seconds = asset.loopSeconds ?? asset.durationSeconds;
  return { width, height, seconds, pictures: await see(asset, seconds), sound };
});

async function hear({ path, sampleCount }: SoundAsset): Promise<SoundLook> {
  return await measureSound(readSoundFile(path), sampleCount);
}

/** As the film shows it. */
async function see(clip: ClipAsset, seconds: number): Promise<string[]> {
  const scale = longestSide / Math.max(clip.width, clip.height);
  const [width, height] = [even(clip.width * scale), even(clip.height * scale)];
  const pictures: string[] = [];
  for (const place of lookPlaces) {
    const firstFrame = Math.floor(place * seconds * fps);
    await using opened = await openClip(clip, { width, height, fps, firstFrame });
    const { picture } = await opened.next();
    const chroma = (width / 2) * (height / 2);
    const luma = width * height;
    const planes = [
      picture.subarray(0, luma),
      picture.subarray(luma, luma + chroma),
      picture.subarray(luma + chroma),
    ];
    const rgb = i420ToRgb({ width, height, planes, strides: [width, width / 2, width / 2] });
    pictures.push(measurePicture({ rgb, width, height }));
  }
  return pictures;
}
