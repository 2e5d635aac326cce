/** Child process: writes the voice note in Ogg Opus, the format of messengers. */
import { openMediaWriter } from "../media/film-files/open-media-writer.js";
import { serveTask } from "../process/serve-task.js";
import { resample } from "./resample.js";
import { voiceNoteWords } from "./sample-capsule.js";
import { speak } from "./speak.js";
import { sampleRate } from "../media/sound/sound-format.js";

serveTask<{ readonly file: string }, null>(async ({ file }) => {
  const speech = await speak(voiceNoteWords);
  const samples = besidePhone(resample(speech.samples, speech.sampleRate, sampleRate));
  await using writer = await openMediaWriter(file, {
    container: "ogg",
    picture: null,
    sound: { codec: "opus", sampleRate, channelCount: 1, bitsPerSecond: 32_000 },
  });
  await writer.writeSound(samples);
  await writer.finish();
  return null;
});

/** Makes the voice sound as recorded by a phone on a table: silence around it, less hiss, echoes of two near walls. */
function besidePhone(voice: Float32Array): Float32Array {
  const before = 0.25 * sampleRate;
  const after = 0.5 * sampleRate;
  const recorded = new Float32Array(before + voice.length + after);
  const softness = 1 - Math.exp((-2 * Math.PI * 5200) / sampleRate);
  let soft = 0;
  for (const [i, value] of voice.entries()) {
    soft += (value - soft) * softness;
    for (const { seconds, level } of walls) {
      const at = before + i + Math.round(seconds * sampleRate);
      recorded[at] = (recorded[at] as number) + soft * level;
    }
  }
  const peak = recorded.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return recorded.map((value) => (value / peak) * 0.6);
}

const walls = [
  { seconds: 0, level: 1 },
  { seconds: 0.0071, level: 0.16 },
  { seconds: 0.0123, level: 0.1 },
] as const;
