/** Files with several tracks: which are heard and seen, and how loud. */
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";

import { AV_LOG_ERROR } from "node-av/constants";
import { Log } from "node-av/lib";
import { beforeAll, describe, expect, it } from "vitest";

import type { SoundAsset } from "../../../dist/media/asset.js";
import { toneDb } from "./find-tones.js";
import { delayed, joinMovies, renamed, type MoviePart } from "./join-movies.js";
import { matroskaSound } from "./matroska-sound.js";
import { measureMedia, type MeasuredMedia } from "./read-media.js";
import { writeTestMedia, type TestMedia } from "./write-test-media.js";
import { useFolder } from "../../use-folder.js";

const folder = useFolder();
beforeAll(async () => {
  Log.setLevel(AV_LOG_ERROR);
});

let count = 0;
async function made(media: TestMedia): Promise<Buffer> {
  count += 1;
  const file = path.join(folder, `part-${count}`);
  await writeTestMedia(file, media);
  return await readFile(file);
}

async function measureBytes(bytes: Buffer, extension: string): Promise<MeasuredMedia> {
  count += 1;
  const file = path.join(folder, `${count}.${extension}`);
  await writeFile(file, bytes);
  return await measureMedia(file, folder);
}

const tone = (hertz: number, amplitude: number) => `${amplitude}*sin(2*PI*${hertz}*t)`;
/** A buzz in syllables with pauses between them. */
const spoken = (hertz: number, amplitude: number) =>
  `${amplitude}*pow(sin(2*PI*1.3*t)\\,4)*(${tone(hertz, 1)}+${tone(3 * hertz, 0.7)}+${tone(5 * hertz, 0.5)})`;

interface Heard {
  readonly seconds?: number;
  readonly channels?: 1 | 2;
  readonly container?: string;
}

const sound = (
  expression: string,
  { seconds = 4, channels = 1, container = "mov" }: Heard = {},
): TestMedia => ({
  container,
  seconds,
  sound: {
    encoder: "pcm_f32le",
    format: "flt",
    channels,
    filters: `aeval=${channels === 1 ? expression : `${expression}|${expression}`}:c=${channels === 1 ? "mono" : "stereo"}`,
  },
});

const picture = { encoder: "libx264", options: { preset: "ultrafast" } };

interface Track extends Omit<MoviePart, "bytes"> {
  readonly is: string;
  readonly heard?: Heard;
}

async function prepareMix(
  tracks: readonly Track[],
  withPicture = false,
): Promise<SoundAsset & { remarks: readonly string[] }> {
  const parts: MoviePart[] = [];
  if (withPicture) parts.push({ bytes: await made({ container: "mov", seconds: 4, video: picture }) });
  for (const { is, heard, ...track } of tracks) parts.push({ ...track, bytes: await made(sound(is, heard)) });
  const { sound: asset, remarks, clip } = await measureBytes(joinMovies(parts), "mov");
  expect(clip !== null).toBe(withPicture);
  return { ...(asset as SoundAsset), remarks };
}

describe("sound tracks of a movie", () => {
  it.each([false, true])(
    "that are enabled and no alternatives are heard together (with pictures: %s)",
    async (withPicture) => {
      const asset = await prepareMix([{ is: tone(500, 0.2) }, { is: tone(900, 0.2) }], withPicture);
      expect(asset.remarks).toEqual([]);
      expect(asset.sampleCount).toBe(4 * 48_000);
      for (const hertz of [500, 900])
        for (const side of await toneDb(asset, hertz, [1, 3])) expect(side).toBeCloseTo(-14, 1);
    },
  );

  it("in two separate alternate groups, as FFmpeg writes two default tracks, are mixed", async () => {
    const asset = await prepareMix([{ is: tone(500, 0.2), group: 1 }, { is: spoken(150, 0.2), group: 2 }], true); // prettier-ignore
    expect((await toneDb(asset, 500, [1, 3]))[0]).toBeCloseTo(-14, 0);
    expect(asset.speech?.length).toBeGreaterThan(0);
  });

  it("are mixed with their volumes, and left out when muted", async () => {
    const asset = await prepareMix([
      { is: tone(500, 0.2) },
      { is: tone(900, 0.2), volume: 0.5 },
      { is: tone(1300, 0.2), volume: 0 },
      { is: tone(1700, 0.2), isEnabled: false },
    ]);
    expect((await toneDb(asset, 500, [1, 3]))[0]).toBeCloseTo(-14, 1);
    expect((await toneDb(asset, 900, [1, 3]))[0]).toBeCloseTo(-20, 1);
    for (const hertz of [1300, 1700]) expect((await toneDb(asset, hertz, [1, 3]))[0]).toBeLessThan(-80);
  });

  it("are not clipped when mixed, and mono is as loud as stereo", async () => {
    const asset = await prepareMix([{ is: tone(500, 0.9) }, { is: tone(900, 0.9), heard: { channels: 2 } }]);
    for (const hertz of [500, 900])
      for (const side of await toneDb(asset, hertz, [1, 3])) expect(side).toBeCloseTo(-0.9, 1);
    expect(asset.truePeakDbtp).toBeGreaterThan(4);
  });

  it("begin at their own times, and the mix ends with the last", async () => {
    const late = joinMovies([
      { bytes: await made(sound(tone(500, 0.2), { seconds: 3 })) },
      { bytes: delayed(await made(sound(tone(900, 0.2), { seconds: 3 })), 2) },
    ]);
    const { sound: asset } = await measureBytes(late, "mov");
    expect((asset?.sampleCount ?? 0) / 48_000).toBeCloseTo(5, 2);
    const at = async (hertz: number, from: number) =>
      (await toneDb(asset as SoundAsset, hertz, [from, from + 0.9]))[0];
    expect(await at(500, 0.05)).toBeCloseTo(-14, 0);
    expect(await at(900, 1.05)).toBeLessThan(-60);
    expect(await at(900, 2.05)).toBeCloseTo(-14, 0);
    expect(await at(500, 3.1)).toBeLessThan(-60);
    expect(await at(900, 4.05)).toBeCloseTo(-14, 0);
  });

  it("of one alternate group: the one with speech is used, whichever it is", async () => {
    for (const [hum, voice] of [
      [0, 1],
      [1, 0],
    ] as const) {
      // prettier-ignore
      const tracks: Track[] = [];
      tracks[hum] = { is: tone(120, 0.005), group: 3, isEnabled: hum === 0 };
      tracks[voice] = { is: spoken(200, 0.05), group: 3, isEnabled: voice === 0 };
      const asset = await prepareMix(tracks, true);
      expect(asset.speech?.length).toBeGreaterThan(0);
      expect((await toneDb(asset, 120, [1, 3]))[0]).toBeLessThan(-80);
    }
  });

  it("of one alternate group without speech: one that is much louder is used, else the first", async () => {
    const soft = await prepareMix([{ is: tone(120, 0.004), group: 1 }, { is: tone(700, 0.2), group: 1, isEnabled: false }], true); // prettier-ignore
    expect((await toneDb(soft, 700, [1, 3]))[0]).toBeCloseTo(-17, 0);
    const alike = await prepareMix([{ is: tone(500, 0.1), group: 1 }, { is: tone(700, 0.2), group: 1, isEnabled: false }], true); // prettier-ignore
    expect((await toneDb(alike, 500, [1, 3]))[0]).toBeCloseTo(-23, 0);
    expect((await toneDb(alike, 700, [1, 3]))[0]).toBeLessThan(-80);
  });

  it("in two languages are alternatives: the enabled one is used", async () => {
    const asset = await prepareMix([
      { is: spoken(150, 0.3), group: 1, language: "deu", isEnabled: false },
      { is: spoken(220, 0.3), group: 1, language: "eng" },
    ]);
    const [english] = await toneDb(asset, 220);
    const [german] = await toneDb(asset, 150);
    expect(english).toBeGreaterThan(german + 20);
  });

  it("without pictures are layers and mixed, but the same recording is used once, even with inverted polarity", async () => {
    const layers = await prepareMix([{ is: tone(500, 0.2), group: 1 }, { is: tone(900, 0.2), group: 1, isEnabled: false }]); // prettier-ignore
    for (const hertz of [500, 900]) expect((await toneDb(layers, hertz, [1, 3]))[0]).toBeCloseTo(-14, 1);
    for (const group of [0, 1]) {
      const twice = [{ is: spoken(200, 0.2), group }, { is: spoken(200, 0.1), group, heard: { channels: 2 } }] as const; // prettier-ignore
      const opposed = [twice[0], { is: spoken(200, -0.2), group }];
      const alone = await prepareMix(twice.slice(0, 1));
      for (const both of [twice, opposed]) {
        const once = await prepareMix(both);
        expect(once.integratedLufs).toBeCloseTo(alone.integratedLufs ?? 0, 1);
      }
    }
  });

  it("that cannot be decoded, and data tracks, do not affect a track that can", async () => {
    const plain = await made(sound(spoken(150, 0.2)));
    const spatial = renamed(await made(sound(tone(500, 0.2))), ["fl32", "apac"]);
    const data = renamed(await made(sound(tone(700, 0.2))), ["fl32", "mebx"], ["mhlrsoun", "mhlrmeta"]);
    const memo = joinMovies([
      { bytes: spatial, group: 1 },
      { bytes: plain, group: 1, isEnabled: false },
      { bytes: data },
    ]);
    const { sound: asset, remarks } = await measureBytes(memo, "qta");
    expect(remarks).toEqual([]);
    expect(asset?.speech?.length).toBeGreaterThan(0);
    for (const hertz of [500, 700])
      expect((await toneDb(asset as SoundAsset, hertz, [1, 3]))[0]).toBeLessThan(-60);
  });
});

describe("sound tracks of other containers", () => {
  it("are alternatives: the one with speech is used, else the default one", async () => {
    const voice = (time: number) =>
      0.2 * Math.sin(2 * Math.PI * 1.3 * time) ** 4 * Math.sin(2 * Math.PI * 400 * time);
    const other = (time: number) =>
      0.2 * Math.sin(2 * Math.PI * 1.3 * time) ** 4 * Math.sin(2 * Math.PI * 700 * time);
    const hum = (time: number) => 0.005 * Math.sin(2 * Math.PI * 120 * time);
    const heard = async (...tracks: Parameters<typeof matroskaSound>[0]) => {
      const { sound: asset, remarks } = await measureBytes(matroskaSound(tracks, 4), "mka");
      expect(remarks).toEqual([]);
      return await Promise.all(
        [120, 400, 700].map(async (hertz) => (await toneDb(asset as SoundAsset, hertz))[0] > -50),
      );
    };
    const [german, english] = [{ at: voice, language: "ger" }, { at: other, language: "eng" }]; // prettier-ignore
    expect(await heard({ at: hum, isDefault: true }, { at: voice, isDefault: false })).toEqual([
      false,
      true,
      false,
    ]);
    expect(await heard({ ...german, isDefault: false }, { ...english, isDefault: true })).toEqual([
      false,
      false,
      true,
    ]);
    expect(await heard({ ...german, isDefault: true }, { ...english, isDefault: true })).toEqual([
      false,
      true,
      false,
    ]);
  });
});

describe("picture tracks", () => {
  it("with motion are preferred to stills taken during the recording, whatever their size and order", async () => {
    const film = await made({ container: "mov", seconds: 4, video: picture });
    const stills = await made({
      container: "mov",
      seconds: 4,
      video: { ...picture, fps: 1, width: 640, height: 480 },
    });
    for (const parts of [
      [film, stills],
      [stills, film],
    ]) {
      // prettier-ignore
      const { clip } = await measureBytes(joinMovies(parts.map((bytes) => ({ bytes }))), "mov");
      expect(clip).toMatchObject({ width: 320, height: 240 });
      expect(clip?.durationSeconds).toBeCloseTo(4, 1);
    }
  });
});
