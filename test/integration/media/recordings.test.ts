import { writeFile } from "node:fs/promises";
import { readFile } from "node:fs/promises";
import path from "node:path";

import { AV_LOG_FATAL } from "node-av/constants";
import { Log } from "node-av/lib";
import { beforeAll, describe, expect, it } from "vitest";

import { findRecordings } from "../../../dist/media/sound/find-recordings.js";
import { waveFile } from "../../wave-file.js";
import { measureMedia } from "./read-media.js";
import { setEdits } from "./set-edits.js";
import { flashSeconds } from "./test-signal.js";
import { writeTestMedia, type TestMedia } from "./write-test-media.js";
import { useFolder } from "../../use-folder.js";

const folder = useFolder();
beforeAll(async () => {
  Log.setLevel(AV_LOG_FATAL);
});

const x264 = { encoder: "libx264", options: { preset: "ultrafast", "x264-params": "log-level=none" } };
const vp8 = { encoder: "libvpx", options: { deadline: "realtime", "cpu-used": 8 } };
const fragments = { movflags: "frag_keyframe+delay_moov+default_base_moof" };

/** Two clips of other sizes and rates, as from an app whose camera was turned. */
const pairs: readonly (readonly [name: string, first: TestMedia, second: TestMedia])[] = [
  [
    "MP4 in fragments",
    { container: "mp4", muxer: fragments, video: x264, sound: { encoder: "aac", sampleRate: 44_100 } },
    {
      container: "mp4",
      muxer: fragments,
      video: { ...x264, width: 240, height: 320 },
      sound: { encoder: "aac", sampleRate: 16_000, channels: 1 },
    },
  ],
  [
    "WebM",
    { container: "webm", muxer: { live: 1 }, video: vp8, sound: { encoder: "libopus", format: "flt" } },
    {
      container: "webm",
      muxer: { live: 1 },
      video: vp8,
      sound: { encoder: "libopus", format: "flt", channels: 1, sampleRate: 16_000 },
    },
  ],
  [
    "a transport stream",
    { container: "mpegts", video: x264, sound: { encoder: "aac", sampleRate: 48_000 } },
    { container: "mpegts", video: x264, sound: { encoder: "aac", sampleRate: 48_000 }, seconds: 1.6 },
  ],
];

describe("recordings that were appended to each other", () => {
  it.each(pairs)("(%s) are both played, with sound and pictures in sync", async (name, first, second) => {
    const files: Buffer[] = [];
    for (const [index, media] of [first, second].entries()) {
      const file = path.join(folder, `${index}.bin`);
      await writeTestMedia(file, media);
      files.push(await readFile(file));
    }
    const joined = path.join(folder, `${name.replaceAll(/\W/g, "-")}.bin`);
    await writeFile(joined, Buffer.concat(files));
    const alone = await measureMedia(path.join(folder, "0.bin"), folder);
    const seen = await measureMedia(joined, folder);
    expect(seen.clip?.durationSeconds).toBeGreaterThan((alone.clip?.durationSeconds ?? 0) + 1.5);
    const bytes = await readFile(seen.sound?.path ?? "");
    const samples = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
    const from = 2 * Math.round(((seen.toneSeconds ?? 0) + 0.5) * 48_000);
    const again = samples.findIndex((value, index) => index > from && Math.abs(value) > 0.1) / 2 / 48_000;
    // Each flashes after a second; the pictures of the second begin where those of the first end.
    expect(seen.secondFlashSeconds).not.toBeNull();
    expect(Math.abs(again - (seen.secondFlashSeconds ?? 0))).toBeLessThan(0.05);
    expect(again).toBeGreaterThan((alone.clip?.durationSeconds ?? 0) + flashSeconds - 0.1);
  });

  it("are both shown when the first has an edit list that slows it down", async () => {
    const media: TestMedia = { container: "mp4", video: x264, sound: { encoder: "aac" } };
    const [slow, plain] = [path.join(folder, "slow.mp4"), path.join(folder, "plain.mp4")];
    await writeTestMedia(slow, media);
    await writeTestMedia(plain, media);
    await setEdits(slow, { vide: [[4, 0, 0.5]], soun: [[4, 0, 0.5]] });
    const joined = path.join(folder, "slow-and-plain.mp4");
    await writeFile(joined, Buffer.concat([await readFile(slow), await readFile(plain)]));
    const seen = await measureMedia(joined, folder);
    expect(seen.clip?.durationSeconds).toBeGreaterThan(3.8);
    expect(seen.secondFlashSeconds).toBeGreaterThan(2.8);
  });

  it("are found by their headers; data that only resembles a header is not", async () => {
    const wave = waveFile(new Int16Array(4801).fill(5), { sampleRate: 48_000, channelCount: 1 });
    const odd = Buffer.concat([wave, wave, Buffer.from("RIFF and some notes")]);
    const file = path.join(folder, "two.wav");
    await writeFile(file, odd);
    expect(await findRecordings(file, "wav")).toEqual([0, wave.length]);
    await writeFile(
      file,
      Buffer.concat([Buffer.from("#!AMR\n"), Buffer.alloc(3_000_000, 0x7c), Buffer.from("#!AMR\n<")]),
    );
    expect(await findRecordings(file, "amr")).toEqual([0, 3_000_006]);
    const box = (name: string, size: number): Buffer => {
      const bytes = Buffer.alloc(size);
      bytes.writeUInt32BE(size);
      bytes.write(name, 4, "latin1");
      return bytes;
    };
    const movie = Buffer.concat([box("ftyp", 20), box("mdat", 5000), box("moov", 400)]);
    // A movie whose index was copied to its front, one that is cut, and two.
    await writeFile(
      file,
      Buffer.concat([box("ftyp", 20), box("moov", 40), box("mdat", 90), box("moov", 40)]),
    );
    expect(await findRecordings(file, "mov")).toEqual([0]);
    await writeFile(file, Buffer.concat([movie, movie, movie.subarray(0, 3000)]));
    expect(await findRecordings(file, "mov")).toEqual([0, movie.length, 2 * movie.length]);
  });
});

describe("a recording with a gap", () => {
  it("(AMR, DTX) keeps its length", async () => {
    const frames = (count: number, head: number, bytes: number): Buffer[] =>
      Array.from({ length: count }, (_, index) =>
        Buffer.from(
          Array.from({ length: bytes }, (__, at) => (at === 0 ? head : (index * 31 + at * 57) & 255)),
        ),
      );
    const noData = frames(75, 0x7c, 1);
    const speech = (): Buffer[] => frames(50, 0x3c, 32);
    const file = path.join(folder, "dtx.amr");
    await writeFile(file, Buffer.concat([Buffer.from("#!AMR\n"), ...speech(), ...noData, ...speech()]));
    const { sound, remarks } = await measureMedia(file, folder);
    expect(remarks).toEqual([]);
    expect((sound?.sampleCount ?? 0) / 48_000).toBeCloseTo(3.5, 2);
  });
});
