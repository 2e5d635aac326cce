import { readFile } from "node:fs/promises";

import type { Asset, ClipAsset, SoundAsset } from "../../dist/media/asset.js";
import { even } from "../../dist/film/model/box.js";
import { i420ToRgb } from "../../dist/film/poster/i420-to-rgb.js";
import { openClip } from "../../dist/media/pictures/open-clip.js";
import { readSoundFile } from "../../dist/media/sound/sound-file.js";
import { serveTask } from "../../dist/process/serve-task.js";
import { samplePlaces, type MediaSample, type SoundSample } from "./media-sample.js";
import { measurePicture } from "./measure-picture.js";
import { measureSound } from "./measure-sound.js";
import { sampleRate } from "../../dist/media/sound/sound-format.js";

/** Longest side of the sampled pictures of a clip. */
const maxSide = 320;
const fps = 30;

serveTask<Asset, MediaSample>(async (asset) => {
  if (asset.kind === "sound") {
    const seconds = asset.sampleCount / sampleRate;
    return { width: null, height: null, seconds, pictures: [], sound: await sampleSound(asset) };
  }
  const { width, height } = asset;
  if (asset.kind === "photo") {
    const rgb = await readFile(asset.path);
    return {
      width,
      height,
      seconds: null,
      pictures: [measurePicture({ data: rgb, width, height })],
      sound: null,
    };
  }
  const sound = asset.sound === null ? null : await sampleSound(asset.sound);
  const seconds = asset.loopSeconds ?? asset.durationSeconds;
  return { width, height, seconds, pictures: await samplePictures(asset, seconds), sound };
});

async function sampleSound({ path, sampleCount }: SoundAsset): Promise<SoundSample> {
  return await measureSound(readSoundFile(path), sampleCount);
}

/** Decodes pictures of a clip in the form in which a film shows them. */
async function samplePictures(clip: ClipAsset, seconds: number): Promise<string[]> {
  const scale = maxSide / Math.max(clip.width, clip.height);
  const [width, height] = [even(clip.width * scale), even(clip.height * scale)];
  const pictures: string[] = [];
  for (const place of samplePlaces) {
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
    pictures.push(measurePicture({ data: rgb, width, height }));
  }
  return pictures;
}
