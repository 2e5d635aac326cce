import { readFile } from "node:fs/promises";
import path from "node:path";

import { AV_LOG_ERROR, AV_PIX_FMT_YUV420P } from "node-av/constants";
import { Log, type Frame } from "node-av/lib";
import { beforeAll, expect, it } from "vitest";

import type { ClipAsset, SoundAsset } from "../../../dist/media/asset.js";
import { openClip } from "../../../dist/media/pictures/open-clip.js";
import { measureMedia, type MeasuredMedia } from "./read-media.js";
import { setEdits, type TestEdit } from "./set-edits.js";
import { allocateFrame } from "./test-signal.js";
import { writeTestMedia } from "./write-test-media.js";
import { useFolder } from "../../use-folder.js";

const folder = useFolder();
beforeAll(async () => {
  Log.setLevel(AV_LOG_ERROR);
});

const fps = 30;
const mediaSeconds = 3;
const [width, height] = [64, 48];

/** The brighter, the later: a grey for each of 90 pictures. */
function picture(index: number): Frame {
  const frame = allocateFrame(width, height, AV_PIX_FMT_YUV420P);
  for (const [plane, data] of (frame.data ?? []).entries()) data.fill(plane === 0 ? 30 + 2 * index : 128);
  return frame;
}

/** A clip whose sound is a tone of 500 Hz in the first second, of 900 Hz in the second and of 1,500 Hz in the third. */
async function edited(
  name: string,
  edits: readonly TestEdit[],
): Promise<MeasuredMedia & { clip: ClipAsset; sound: SoundAsset }> {
  const file = path.join(folder, `${name}.mp4`);
  const tone = "if(lt(t,1),500,if(lt(t,2),900,1500))";
  await writeTestMedia(file, {
    container: "mp4",
    seconds: mediaSeconds,
    video: {
      encoder: "libx264",
      options: { preset: "veryfast", bf: 0, crf: 4, g: 15 },
      width,
      height,
      fps,
      frame: picture,
    },
    sound: { encoder: "aac", filters: `aeval='0.4*sin(2*PI*t*${tone})':c=same` },
  });
  // The encoder's 1,024 samples of padding come before the sound.
  const padded = edits.map(([seconds, from, rate]): TestEdit => [
    seconds,
    from === null ? null : from + 1024 / 48_000,
    rate,
  ]);
  await setEdits(file, { vide: edits, soun: padded });
  const seen = await measureMedia(file, folder);
  if (seen.clip === null || seen.sound === null) throw new Error("no clip with sound");
  return { ...seen, clip: seen.clip, sound: seen.sound };
}

/** Seconds of the media that are shown at these frames of the film. */
async function shownAt(clip: ClipAsset, frames: readonly number[], firstFrame = 0): Promise<number[]> {
  const shown: number[] = [];
  await using opened = await openClip(clip, { width, height, fps, firstFrame });
  for (let frame = firstFrame; frame <= Math.max(...frames); frame += 1) {
    const { picture: i420 } = await opened.next();
    if (frames.includes(frame)) shown.push(((i420[24 * width + 32] ?? 0) - 30) / 2 / fps);
  }
  return shown;
}

/** Returns the frequency of the tone in the tenth of a second from here; 0 for silence. */
async function hertzAt({ path: file }: SoundAsset, seconds: number): Promise<number> {
  const bytes = await readFile(file);
  const samples = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  const first = Math.round(seconds * 48_000);
  let [crossings, peak] = [0, 0];
  for (let index = first; index < first + 4800; index += 1) {
    const [one = 0, other = 0] = [samples[2 * index], samples[2 * index + 2]];
    if (one < 0 && other >= 0) crossings += 1;
    peak = Math.max(peak, Math.abs(one));
  }
  return peak < 0.02 ? 0 : crossings * 10;
}

const step = 1.6 / fps;

async function expectPlayed(
  name: string,
  edits: readonly TestEdit[],
  expected: readonly (readonly [seconds: number, shownSeconds: number, hertz: number])[],
): Promise<void> {
  const { clip, sound, remarks } = await edited(name, edits);
  const seconds = edits.reduce((sum, [duration]) => sum + duration, 0);
  expect(clip.durationSeconds).toBeCloseTo(seconds, 1);
  expect(sound.sampleCount / 48_000).toBeCloseTo(seconds, 1);
  expect(remarks).toEqual([]);
  const frames = expected.map(([at]) => Math.round(at * fps));
  const fromStart = await shownAt(clip, frames);
  for (const [index, [at, shown, hertz]] of expected.entries()) {
    expect(Math.abs((fromStart[index] ?? 0) - shown), `picture at ${at} s`).toBeLessThan(step);
    const heard = await hertzAt(sound, at);
    expect(Math.abs(heard - hertz), `${heard} Hz at ${at} s, not ${hertz}`).toBeLessThanOrEqual(20);
    const [alone] = await shownAt(clip, [frames[index] ?? 0], frames[index]);
    expect(alone, `painted from ${at} s on`).toBe(fromStart[index]);
  }
}

it("plays slow motion in the middle slowly, with lower sound, and the rest on time", async () => {
  await expectPlayed(
    "slow",
    [
      [1, 0, 1],
      [4, 1, 0.25],
      [1, 2, 1],
    ],
    [
      [0.5, 0.5, 500],
      [1.5, 1.125, 230],
      [3, 1.5, 230],
      [4.8, 1.95, 230],
      [5.5, 2.5, 1500],
    ],
  );
});

it("shows a frozen range as a still picture, in silence", async () => {
  await expectPlayed(
    "dwell",
    [
      [1, 0, 1],
      [3, 1, 0],
      [1, 2, 1],
    ],
    [
      [0.5, 0.5, 500],
      [1.5, 1, 0],
      [3.5, 1, 0],
      [4.5, 2.5, 1500],
    ],
  );
});

it("plays a range at double speed with its sound an octave higher", async () => {
  await expectPlayed(
    "fast",
    [
      [1, 0, 2],
      [1, 2, 1],
    ],
    [
      [0.25, 0.5, 1000],
      [0.75, 1.5, 1800],
      [1.5, 2.5, 1500],
    ],
  );
});

it("plays a range that goes back to earlier pictures", async () => {
  await expectPlayed(
    "again",
    [
      [1, 2, 1],
      [2, 0, 0.5],
      [1, 1, 1],
    ],
    [
      [0.5, 2.5, 1500],
      [2, 0.5, 250],
      [3.5, 1.5, 900],
    ],
  );
});

it("plays silence and the last picture for an empty range in the middle", async () => {
  await expectPlayed(
    "empty",
    [
      [1, 0, 1],
      [2, null, 1],
      [1, 1, 1],
    ],
    [
      [0.5, 0.5, 500],
      [1.5, 1, 0],
      [2.8, 1, 0],
      [3.5, 1.5, 900],
    ],
  );
});

it("leaves edit lists that FFmpeg supports to FFmpeg", async () => {
  const { clip } = await edited("plain", [
    [0.5, null, 1],
    [1, 0, 1],
    [1, 2, 1],
  ]);
  expect(clip).not.toHaveProperty("edits");
});
