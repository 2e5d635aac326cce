import path from "node:path";

import { AV_LOG_ERROR } from "node-av/constants";
import { Log } from "node-av/lib";
import { beforeAll, describe, expect, it } from "vitest";

import { measureMedia } from "./read-media.js";
import { flashSeconds, quarterColours } from "./test-signal.js";
import { writeTestMedia, type TestMedia } from "./write-test-media.js";
import { useFolder } from "../../use-folder.js";

const folder = useFolder();
beforeAll(async () => {
  Log.setLevel(AV_LOG_ERROR);
});

const x264 = { encoder: "libx264", options: { preset: "veryfast" } };
const x265 = { encoder: "libx265", options: { preset: "ultrafast", "x265-params": "log-level=error" } };
const vp8 = { encoder: "libvpx", options: { deadline: "realtime", "cpu-used": 8 } };
const vp9 = { encoder: "libvpx-vp9", options: { deadline: "realtime", "cpu-used": 8 } };
const av1 = { encoder: "libsvtav1", options: { preset: 12, "svtav1-params": "log-level=0" } };
const good = { qmin: 2, qmax: 4, b: 8_000_000 };
const aac = { encoder: "aac" };
const opus = { encoder: "libopus", format: "flt" };
const vorbis = { encoder: "libvorbis" };
const mp3 = { encoder: "libmp3lame" };
const pcm = { encoder: "pcm_s16le", format: "s16" };
const mp2 = { encoder: "mp2", format: "s16" };
const tape = { width: 720, height: 576 };

const videos: readonly (readonly [name: string, extension: string, media: TestMedia])[] = [
  ["H.264, as phones write it", "mp4", { container: "mp4", video: x264, sound: aac }],
  [
    "H.264 baseline in 3GP",
    "3gp",
    { container: "3gp", video: { ...x264, options: { profile: "baseline" } }, sound: aac },
  ],
  ["H.264 of 10 bits", "mp4", { container: "mp4", video: { ...x264, pixels: "yuv420p10le" }, sound: aac }],
  [
    "H.264 4:2:2 of 10 bits",
    "mov",
    { container: "mov", video: { ...x264, pixels: "yuv422p10le" }, sound: pcm },
  ],
  ["H.264 4:4:4", "mkv", { container: "matroska", video: { ...x264, pixels: "yuv444p" }, sound: opus }],
  [
    "H.264 with B-frames in AVI",
    "avi",
    { container: "avi", video: { ...x264, options: { bf: 2 } }, sound: mp3 },
  ],
  ["H.264 in a transport stream", "ts", { container: "mpegts", video: x264, sound: aac }],
  [
    "H.264 of a camcorder",
    "m2ts",
    { container: "mpegts", muxer: { mpegts_m2ts_mode: 1 }, video: x264, sound: { encoder: "ac3" } },
  ],
  ["H.264 in FLV", "flv", { container: "flv", video: x264, sound: aac }],
  [
    "H.264 in fragments",
    "mp4",
    {
      container: "mp4",
      muxer: { movflags: "frag_keyframe+empty_moov+default_base_moof" },
      video: x264,
      sound: opus,
    },
  ],
  ["HEVC", "mp4", { container: "mp4", video: x265, sound: aac }],
  ["HEVC of 10 bits", "mov", { container: "mov", video: { ...x265, pixels: "yuv420p10le" }, sound: aac }],
  [
    "HEVC 4:2:2 of 10 bits",
    "mkv",
    {
      container: "matroska",
      video: { ...x265, pixels: "yuv422p10le" },
      sound: { encoder: "flac", format: "s16" },
    },
  ],
  ["VP8", "webm", { container: "webm", video: vp8, sound: vorbis }],
  [
    "VP8 without duration and cues",
    "webm",
    { container: "webm", muxer: { live: 1 }, video: vp8, sound: opus },
  ],
  ["VP9", "webm", { container: "webm", video: vp9, sound: opus }],
  ["VP9 in MP4", "mp4", { container: "mp4", video: vp9, sound: opus }],
  ["AV1", "mp4", { container: "mp4", video: av1, sound: aac }],
  [
    "AV1 in Matroska",
    "mkv",
    { container: "matroska", video: { ...av1, pixels: "yuv420p10le" }, sound: opus },
  ],
  [
    "MPEG-4 with B-frames in AVI",
    "avi",
    { container: "avi", video: { encoder: "mpeg4", options: { ...good, bf: 2 } }, sound: mp3 },
  ],
  ["MPEG-4 in 3GP", "3gp", { container: "3gp", video: { encoder: "mpeg4", options: good }, sound: aac }],
  [
    "H.263",
    "3gp",
    { container: "3gp", video: { encoder: "h263", options: good, width: 352, height: 288 }, sound: aac },
  ],
  [
    "ProRes",
    "mov",
    {
      container: "mov",
      video: { encoder: "prores_ks", pixels: "yuv422p10le" },
      sound: { encoder: "pcm_s24le", format: "s32" },
    },
  ],
  [
    "Motion JPEG of a compact camera",
    "avi",
    {
      container: "avi",
      video: {
        encoder: "mjpeg",
        pixels: "yuvj422p",
        options: good,
        range: "pc",
      },
      sound: { encoder: "pcm_u8", format: "u8" },
    },
  ],
  ["MPEG-1", "mpg", { container: "mpeg", video: { encoder: "mpeg1video", options: good }, sound: mp2 }],
  [
    "MPEG-2 of a disc",
    "vob",
    { container: "vob", video: { encoder: "mpeg2video", options: good }, sound: { encoder: "ac3" } },
  ],
  [
    "MPEG-2 of a broadcast",
    "ts",
    { container: "mpegts", video: { encoder: "mpeg2video", options: good }, sound: mp2 },
  ],
  ["DV in AVI", "avi", { container: "avi", video: { encoder: "dvvideo", ...tape }, sound: pcm }],
  ["DV of a tape", "dv", { container: "dv", video: { encoder: "dvvideo", ...tape }, sound: pcm }],
  [
    "WMV",
    "wmv",
    { container: "asf", video: { encoder: "wmv2", options: good }, sound: { encoder: "wmav2" } },
  ],
  [
    "Flash",
    "flv",
    { container: "flv", video: { encoder: "flv", options: good }, sound: { ...mp3, sampleRate: 44_100 } },
  ],
  [
    "Theora",
    "ogv",
    { container: "ogg", video: { encoder: "libtheora", options: { q: 8, b: 8_000_000 } }, sound: vorbis },
  ],
  [
    "pixels as they are, of a webcam",
    "avi",
    { container: "avi", video: { encoder: "rawvideo", pixels: "yuyv422" }, sound: pcm },
  ],
  [
    "FFV1 of an archive",
    "mkv",
    { container: "matroska", video: { encoder: "ffv1" }, sound: { encoder: "flac", format: "s16" } },
  ],
  ["CineForm", "mov", { container: "mov", video: { encoder: "cfhd", pixels: "yuv422p10le" }, sound: pcm }],
];

/** Wider than codecs at these rates need, far narrower than a mistaken matrix, range or channel order. */
const colourTolerance = 14;
const oneFilmFrame = 1 / 30 + 0.004;

/** The seconds by which sound begins before the first picture. */
const leads: Readonly<Record<string, number | undefined>> = {
  // Its muxer writes no edit list: pictures begin two of them late for their B-frames, the first piece of sound does not.
  "H.264 in fragments": 0.08,
};

describe("a video", () => {
  it.each(videos)(
    "of %s (.%s) is shown in its colours, its length, and in step with its sound",
    async (name, extension, media) => {
      const leadSeconds = leads[name] ?? 0;
      const file = path.join(folder, `${name.replaceAll(/\W+/g, "-")}.${extension}`);
      await writeTestMedia(file, media);
      const seen = await measureMedia(file, folder);
      expect(seen.remarks).toEqual([]);
      const withoutLead = (seen.clip?.durationSeconds ?? 0) - leadSeconds;
      expect(withoutLead).toBeGreaterThan(1.89);
      expect(withoutLead).toBeLessThan(2.06);
      expect(seen.clip?.sound?.sampleCount).toBe(Math.round((seen.clip?.durationSeconds ?? 0) * 48_000));
      expect(seen.pictures).toHaveLength(3);
      for (const { quarters } of seen.pictures) {
        for (const [quarter, colour] of quarters.entries()) {
          for (const [channel, value] of colour.entries()) {
            const expected = quarterColours[quarter]?.[channel] ?? 0;
            expect(
              Math.abs(value - expected),
              `quarter ${quarter}: ${colour.map(Math.round).join()}`,
            ).toBeLessThan(colourTolerance);
          }
        }
      }
      expect(seen.flashSeconds).not.toBeNull();
      expect(Math.abs((seen.flashSeconds ?? 0) - (seen.toneSeconds ?? 0)), "flash and tone").toBeLessThan(
        oneFilmFrame,
      );
      expect(Math.abs((seen.flashSeconds ?? 0) - flashSeconds - leadSeconds)).toBeLessThan(oneFilmFrame);
      for (const peak of seen.peaks) {
        expect(peak).toBeGreaterThan(0.4);
        expect(peak).toBeLessThan(0.65);
      }
    },
  );
});
