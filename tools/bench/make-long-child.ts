/** Child process that makes a long recording by repeating half a minute, so that making it takes less time. */
import { rm } from "node:fs/promises";

import { openMediaWriter } from "../../dist/media/film-files/open-media-writer.js";
import { repeatMedia } from "../../dist/media/film-files/repeat-media.js";
import { serveTask } from "../../dist/process/serve-task.js";
import { babble } from "./babble.js";
import { sampleRate } from "../../dist/media/sound/sound-format.js";

export interface MakeLongInput {
  readonly minutes: number;
  /** Size of a clip; null makes a voice note. */
  readonly picture: { readonly width: number; readonly height: number } | null;
  /** Path of the file to write: MP4 or Ogg. */
  readonly path: string;
}

export interface MadeLong {
  readonly seconds: number;
}

const fps = 30;
/** A loop has a whole number of pictures and of AAC packets: 960 and 1,500. */
const loopSeconds = 32;
/** Seconds of speech in each loop; the rest is a pause. */
const spokenSeconds = 29;

serveTask<MakeLongInput, MadeLong>(async ({ minutes, picture, path }) => {
  const times = Math.floor((minutes * 60) / loopSeconds);
  const loop = new Float32Array(loopSeconds * sampleRate);
  loop.set(babble(1, spokenSeconds));
  if (picture === null) {
    await using writer = await openMediaWriter(path, {
      container: "ogg",
      picture: null,
      sound: { codec: "opus", sampleRate, channelCount: 1, bitsPerSecond: 32_000 },
    });
    for (let time = 0; time < times; time += 1) await writer.writeSound(loop);
    await writer.finish();
    return { seconds: times * loopSeconds };
  }
  const source = `${path}.loop.mp4`;
  await writeLoop(source, loop, picture);
  await repeatMedia({ source, seconds: loopSeconds, times, path });
  await rm(source);
  return { seconds: times * loopSeconds };
});

/** Writes one loop: most of the picture is still, like a wall, and an area as large as a head moves in front of it. */
async function writeLoop(
  path: string,
  loop: Float32Array,
  { width, height }: { readonly width: number; readonly height: number },
): Promise<void> {
  await using writer = await openMediaWriter(path, {
    container: "mp4",
    picture: { width, height, fps, crf: 23, rotationDegrees: 0 },
    sound: { codec: "aac", sampleRate, channelCount: 1, bitsPerSecond: 64_000 },
  });
  const wall = Uint8Array.from({ length: (width * height * 3) / 2 }, (_, index) => {
    if (index >= width * height) return 128;
    const [x, y] = [index % width, Math.floor(index / width)];
    return 90 + 40 * Math.sin((x * 7) / width) * Math.cos((y * 5) / height) + (((x * 31 + y * 17) % 7) - 3);
  });
  const side = Math.round(height / 4);
  for (let frame = 0; frame < loopSeconds * fps; frame += 1) {
    const shown = Uint8Array.from(wall);
    const swing = (2 * Math.PI * frame) / (loopSeconds * fps);
    const left = Math.round(width / 2 - side / 2 + (width / 8) * Math.sin(5 * swing));
    const top = Math.round(height / 2 - side / 2 + (height / 16) * Math.sin(8 * swing));
    for (let row = 0; row < side; row += 1) {
      const start = (top + row) * width + left;
      for (let column = 0; column < side; column += 1)
        shown[start + column] = 150 + 60 * Math.sin(column / 9) * Math.cos(row / 11);
    }
    await writer.writePicture(shown);
    await writer.writeSound(loop.subarray((frame * sampleRate) / fps, ((frame + 1) * sampleRate) / fps));
  }
  await writer.finish();
}
