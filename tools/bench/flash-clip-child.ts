/** Child process that makes a clip of a dark room in which a light and a beep start at the same moment. */
import { openMediaWriter } from "../../dist/media/film-files/open-media-writer.js";
import { serveTask } from "../../dist/process/serve-task.js";
import { sampleRate } from "../../dist/media/sound/sound-format.js";

export interface FlashClipInput {
  readonly path: string;
  readonly frameCount: number;
  /** Frame of the clip on which light and beep start; they last for `flashFrames`. */
  readonly flashFrame: number;
  readonly flashFrames: number;
}

const fps = 30;
const size = { width: 320, height: 180 };
const dark = 40;
const light = 220;

serveTask<FlashClipInput, null>(async ({ path, frameCount, flashFrame, flashFrames }) => {
  await using writer = await openMediaWriter(path, {
    container: "mp4",
    picture: { ...size, fps, crf: 20, rotationDegrees: 0 },
    sound: { codec: "aac", sampleRate, channelCount: 1, bitsPerSecond: 96_000 },
  });
  const samplesAFrame = sampleRate / fps;
  const lumaBytes = size.width * size.height;
  const picture = new Uint8Array(lumaBytes * 1.5).fill(128, lumaBytes);
  for (let frame = 0; frame < frameCount; frame += 1) {
    const isOn = frame >= flashFrame && frame < flashFrame + flashFrames;
    const sound = Float32Array.from({ length: samplesAFrame }, (_, sample) =>
      isOn ? 0.3 * Math.cos((2 * Math.PI * 1500 * sample) / sampleRate) : 0,
    );
    await writer.writeSound(sound);
    await writer.writePicture(picture.fill(isOn ? light : dark, 0, lumaBytes));
  }
  await writer.finish();
  return null;
});
