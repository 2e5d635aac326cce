/** Child process: makes a clip of the sea at evening in the upright format of a phone. */
import { openMediaWriter } from "../media/film-files/open-media-writer.js";
import { serveTask } from "../process/serve-task.js";
import { createEveningSea } from "./sea/paint-evening-sea.js";
import { waveSound } from "./sea/wave-sound.js";
import { sampleRate } from "../media/sound/sound-format.js";

const shown = { width: 720, height: 1280 };
const fps = 30;
const seconds = 6;
serveTask<{ readonly file: string }, null>(async ({ file }) => {
  const paint = createEveningSea(shown);
  const sound = waveSound(seconds, sampleRate);
  const size = (shown.width * shown.height * 3) / 2;
  const pictures = [new Uint8Array(size), new Uint8Array(size)] as const;
  await using writer = await openMediaWriter(file, {
    container: "mp4",
    picture: { width: shown.height, height: shown.width, fps, crf: 20, rotationDegrees: 90 },
    sound: { codec: "aac", sampleRate, channelCount: 2, bitsPerSecond: 128_000 },
  });
  const samplesPerFrame = (sampleRate / fps) * 2;
  let written = Promise.resolve();
  for (let frame = 0; frame < seconds * fps; frame += 1) {
    const picture = pictures[frame % 2 === 0 ? 0 : 1];
    // This picture is painted while the encoder's threads are still busy with the previous one.
    paint(frame / fps, picture);
    await written;
    await writer.writeSound(sound.subarray(frame * samplesPerFrame, (frame + 1) * samplesPerFrame));
    written = writer.writePicture(picture);
  }
  await written;
  await writer.finish();
  return null;
});
