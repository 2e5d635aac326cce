import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";

import fc from "fast-check";
import { AV_LOG_FATAL, AVMEDIA_TYPE_VIDEO } from "node-av/constants";
import { FormatContext, Log, Packet } from "node-av/lib";
import { beforeAll, describe, expect, it } from "vitest";

import { prepareFile } from "../../../dist/assets/prepare-file.js";
import { findTones, placeTones, type ToneTrack } from "./tone-track.js";
import { writeTestMedia, type TestMedia, type TestSound, type TestVideo } from "./write-test-media.js";
import { useFolder } from "../../use-folder.js";

const folder = useFolder();
beforeAll(async () => {
  Log.setLevel(AV_LOG_FATAL);
});

const toleranceSeconds = 0.01;

interface Coding extends TestSound {
  readonly rates: readonly number[];
  readonly layouts: readonly number[];
  /** Samples of a frame; of one that is as long as the encoder is given, what it is given. */
  readonly frame?: number;
  /** Frames that come first and are no sound, where the container cannot say so. */
  readonly priming?: number;
}

const speech = [8000, 11_025, 12_000, 16_000, 22_050, 24_000];
const music = [32_000, 44_100, 48_000];
const all = [...speech, ...music, 88_200, 96_000];
const surround = [1, 2, 6];

const aac: Coding = { encoder: "aac", rates: all, layouts: surround, priming: 1024 };
const opus: Coding = {
  encoder: "libopus",
  format: "flt",
  rates: [8000, 12_000, 16_000, 24_000, 48_000],
  layouts: surround,
  options: { mapping_family: -1 },
};
const vorbis: Coding = { encoder: "libvorbis", rates: [...speech, ...music], layouts: surround };
const flac: Coding = { encoder: "flac", format: "s16", rates: all, layouts: surround };
const alac: Coding = { encoder: "alac", format: "s16p", rates: all, layouts: surround };
const pcm: Coding = { encoder: "pcm_s16le", format: "s16", rates: all, layouts: surround };
const mp3: Coding = { encoder: "libmp3lame", rates: [...speech, ...music], layouts: [1, 2], priming: 1105 };
const mp2: Coding = {
  encoder: "mp2",
  format: "s16",
  rates: [16_000, 22_050, 24_000, ...music],
  layouts: [1, 2],
  priming: 481,
};
const ac3: Coding = { encoder: "ac3", rates: music, layouts: surround, priming: 256 };

interface Kind {
  readonly name: string;
  readonly container: string;
  readonly muxer?: TestMedia["muxer"];
  readonly coding: Coding;
  /** Pictures beside it say when its sound begins. */
  readonly video?: TestVideo;
}

const small = { width: 64, height: 48, fps: 10 };
const x264 = {
  encoder: "libx264",
  options: { preset: "ultrafast", "x264-params": "log-level=none" },
  ...small,
};
const mpeg4 = { encoder: "mpeg4", ...small };
const vp8 = { encoder: "libvpx", options: { deadline: "realtime", "cpu-used": 8 }, ...small };
const fragments = { movflags: "frag_keyframe+delay_moov+default_base_moof" };

/** Containers with timestamps of their own. */
const timed: readonly Kind[] = [
  ["M4A with AAC", "ipod", aac],
  ["M4A with ALAC", "ipod", alac],
  ["MP4 with Opus", "mp4", opus],
  ["MP4 with FLAC", "mp4", flac],
  ["Matroska with AAC", "matroska", aac],
  ["Matroska with PCM", "matroska", pcm],
  ["Matroska with FLAC", "matroska", flac],
  ["Matroska with Vorbis", "matroska", vorbis],
  ["Matroska with MP3", "matroska", mp3],
  ["Matroska with AC-3", "matroska", ac3],
  ["WebM with Opus", "webm", opus],
  ["a transport stream with AAC", "mpegts", aac],
  ["a transport stream with MP2", "mpegts", mp2],
  ["FLV with AAC", "flv", { ...aac, layouts: [1, 2], rates: [11_025, 22_050, 44_100] }],
].map(([name, container, coding]) => ({ name, container, coding }) as Kind);

const clips: readonly Kind[] = [
  { name: "a clip in MP4", container: "mp4", coding: aac, video: x264 },
  { name: "a clip in MP4 with Opus", container: "mp4", coding: opus, video: x264 },
  { name: "a clip in fragments", container: "mp4", muxer: fragments, coding: aac, video: x264 },
  { name: "a clip in Matroska", container: "matroska", coding: flac, video: x264 },
  { name: "a clip in WebM", container: "webm", coding: opus, video: vp8 },
  { name: "a clip in a transport stream", container: "mpegts", coding: aac, video: x264 },
  { name: "a clip in MOV", container: "mov", coding: alac, video: mpeg4 },
];

/** Sound without a gap, in files that can be appended to one another. */
const joinable: readonly Kind[] = [
  ["ADTS", "adts", { ...aac, layouts: [1, 2] }],
  ["LATM", "latm", { ...aac, layouts: [1, 2], options: { flags: "+global_header" } }],
  ["MP3", "mp3", mp3],
  ["Ogg Vorbis", "ogg", vorbis],
  ["Ogg Opus", "ogg", opus],
  ["Ogg FLAC", "ogg", flac],
  ["FLAC", "flac", flac],
  ["WAV", "wav", pcm],
  ["WebM", "webm", opus],
  ["Matroska", "matroska", flac],
  ["fragmented MP4", "mp4", aac],
  ["M4A", "ipod", aac],
  // FFmpeg takes frames of another rate for as long as the first: an error of one frame's difference.
  ["a transport stream", "mpegts", { ...aac, rates: [44_100, 48_000] }],
  ["FLV", "flv", { ...aac, layouts: [1, 2], rates: [11_025, 22_050, 44_100] }],
].map(([name, container, coding]) =>
  name === "fragmented MP4" ? { name, container, coding, muxer: fragments } : { name, container, coding },
) as Kind[];

/** A gap that is shorter than a frame, one that is heard as a pause, and one of seconds. */
const gap = fc.oneof(
  fc.double({ min: 0.02, max: 0.1, noNaN: true }),
  fc.double({ min: 0.1, max: 1, noNaN: true }),
  fc.double({ min: 1, max: 4, noNaN: true }),
);
const silence = fc.double({ min: 0, max: 0.4, noNaN: true });
const run = fc.record({ gapSeconds: gap, beforeSeconds: silence, afterSeconds: silence });
const track = fc.record({
  startSeconds: fc.oneof(fc.constant(0), fc.double({ min: 0.05, max: 4, noNaN: true })),
  runs: fc.array(run, { minLength: 1, maxLength: 4 }),
});
const steady = track.map(({ runs }) => ({
  startSeconds: 0,
  runs: runs.slice(0, 2).map((one) => ({ ...one, gapSeconds: 0 })),
}));
const choice = fc.record({ rate: fc.nat(), layout: fc.nat() });
interface Choice {
  readonly rate: number;
  readonly layout: number;
}

function chooseFrom<Of>(list: readonly Of[], index: number): Of {
  return list[index % list.length] as Of;
}

let count = 0;

/** Writes a track. @returns where its tones are from its first sample, or its first picture, on */
async function writeTrack(
  { container, muxer = {}, coding, video }: Kind,
  toneTrack: ToneTrack,
  { rate, layout }: Choice,
): Promise<{ readonly file: string; readonly tones: readonly number[] }> {
  const sampleRate = chooseFrom(coding.rates, rate);
  const frame =
    coding.encoder === "libopus"
      ? sampleRate / 50
      : coding.encoder === "libmp3lame" && sampleRate < 32_000
        ? 576
        : 1152;
  const frameSamples = {
    aac: 1024,
    libopus: frame,
    libmp3lame: frame,
    mp2: 1152,
    ac3: 1536,
    alac: 4096,
    flac: flacFrame(sampleRate),
  }[coding.encoder];
  const { tones, media } = placeTones(toneTrack, (frameSamples ?? 1024) / sampleRate);
  const file = path.join(folder, `${(count += 1)}.bin`);
  const bitsPerSecond = Math.min(64_000, 3 * sampleRate);
  const sound: TestSound = {
    ...coding,
    ...media.sound,
    sampleRate,
    bitsPerSecond,
    channels: chooseFrom(coding.layouts, layout),
  };
  const lengthSeconds = media.seconds ?? 0;
  const pictures = video === undefined ? {} : { video };
  await writeTestMedia(file, { container, muxer, seconds: lengthSeconds, sound, ...pictures });
  return { file, tones };
}

/** Returns the frame length of FFmpeg's FLAC encoder at a sample rate: about 105 ms. */
function flacFrame(sampleRate: number): number {
  const target = (sampleRate * 105) / 1000;
  const sizes = [192, 576, 1152, 2304, 4608, 256, 512, 1024, 2048, 4096, 8192];
  return Math.max(...sizes.filter((size) => size <= target && size >= 16));
}

async function prepare(file: string) {
  const own = await mkdtemp(path.join(folder, "prepared-"));
  const sha256 = createHash("sha256").update(file).digest("hex");
  const { asset, remarks } = await prepareFile({ path: file, sha256, folder: own });
  if (asset.kind === "photo") throw new Error("a photo");
  const sound = asset.kind === "clip" ? asset.sound : asset;
  const heard = await findTones(sound?.path ?? "");
  await rm(own, { recursive: true });
  return { ...heard, remarks, asset };
}

/** When the first picture is shown, on the file's own clock. */
async function firstPictureSeconds(file: string): Promise<number> {
  const format = new FormatContext();
  await format.openInput(file, null, null);
  await format.findStreamInfo(null);
  const stream = format.streams.find(({ codecpar }) => codecpar.codecType === AVMEDIA_TYPE_VIDEO);
  using packet = new Packet();
  packet.alloc();
  let first = Infinity;
  while ((await format.readFrame(packet)) >= 0) {
    if (packet.streamIndex === stream?.index) {
      const { num, den } = stream.timeBase;
      first = Math.min(first, (Number(packet.pts) * num) / den);
    }
    packet.unref();
  }
  await format.closeInput();
  return first;
}

function expectTones(found: readonly number[], wanted: readonly number[]): void {
  expect(found.length, `found ${found.join(" ")}, wanted ${wanted.join(" ")}`).toBe(wanted.length);
  for (const [index, tone] of wanted.entries()) {
    expect(
      Math.abs((found[index] as number) - tone),
      `found ${found.join(" ")}, wanted ${wanted.join(" ")}`,
    ).toBeLessThan(toleranceSeconds);
  }
}

/** More by hand: `SOUND_TIMES_RUNS=30`. */
const runs = { numRuns: Number(process.env["SOUND_TIMES_RUNS"] ?? 2) };

describe("each tone of a sound is played within 10 ms of its time", () => {
  it.each(timed)("in $name, at any rate, after gaps", async (kind) => {
    await fc.assert(
      fc.asyncProperty(track, choice, async (toneTrack, chosen) => {
        const { file, tones } = await writeTrack(kind, toneTrack, chosen);
        const heard = await prepare(file);
        const sampleRate = chooseFrom(kind.coding.rates, chosen.rate);
        // Without pictures sound begins with its first frame: that of the encoder's priming, where the file does not cut it.
        const lead = (heard.tones[0] ?? 0) - ((tones[0] ?? 0) - toneTrack.startSeconds);
        expect(lead).toBeGreaterThan(-toleranceSeconds);
        expect(lead).toBeLessThan((kind.coding.priming ?? 0) / sampleRate + toleranceSeconds);
        expectTones(
          heard.tones,
          tones.map((tone) => tone - toneTrack.startSeconds + lead),
        );
      }),
      runs,
    );
  });
  it.each(clips)("in $name with pictures, at any rate, after gaps and a late start", async (kind) => {
    await fc.assert(
      fc.asyncProperty(track, choice, async (toneTrack, chosen) => {
        const { file, tones } = await writeTrack(kind, toneTrack, chosen);
        const heard = await prepare(file);
        // Priming that is longer than the padding is played over the first picture.
        const { asset } = heard;
        const lead = asset.kind === "clip" ? (await firstPictureSeconds(file)) - asset.startSeconds : 0;
        expectTones(
          heard.tones,
          tones.map((tone) => tone + lead),
        );
      }),
      runs,
    );
  });
  it.each(joinable)("in recordings of $name that were appended to each other", async (kind) => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(steady, choice), { minLength: 2, maxLength: 3 }), async (parts) => {
        const files: Buffer[] = [];
        const wanted: number[] = [];
        let end = 0;
        for (const [toneTrack, chosen] of parts) {
          const { file } = await writeTrack(kind, toneTrack, chosen);
          files.push(await readFile(file));
          const alone = await prepare(file);
          wanted.push(...alone.tones.map((tone) => tone + end));
          end += alone.seconds;
        }
        const joined = path.join(folder, `${(count += 1)}.bin`);
        await writeFile(joined, Buffer.concat(files));
        const heard = await prepare(joined);
        expectTones(heard.tones, wanted);
      }),
      runs,
    );
  });
});
