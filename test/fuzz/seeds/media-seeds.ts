import { readFile } from "node:fs/promises";
import path from "node:path";

import { encodeMedia, type MediaPlan, type PicturePlan, type SoundPlan } from "./encode-media.js";
import type { SeedFile } from "./seed-file.js";

const h264: PicturePlan = { encoder: "libx264", options: { preset: "ultrafast", bf: 1 } };
const hevc: PicturePlan = {
  encoder: "libx265",
  pixelFormat: "yuv420p10le",
  options: { preset: "ultrafast", "x265-params": "log-level=none" },
};
const mpeg4: PicturePlan = { encoder: "mpeg4", options: { bf: 1 } };
const h263: PicturePlan = { encoder: "h263", width: 176, height: 144, frameCount: 5 };
const mjpeg: PicturePlan = { encoder: "mjpeg", pixelFormat: "yuvj420p", frameCount: 4 };
const vp8: PicturePlan = { encoder: "libvpx", options: { deadline: "realtime" } };
const vp9: PicturePlan = { encoder: "libvpx-vp9", options: { deadline: "realtime" } };
const av1: PicturePlan = { encoder: "libsvtav1", options: { preset: 12 } };
const prores: PicturePlan = { encoder: "prores_ks", pixelFormat: "yuv422p10le", frameCount: 3 };

const aac: SoundPlan = { encoder: "aac", sampleFormat: "fltp" };
const opus: SoundPlan = { encoder: "libopus", sampleFormat: "flt" };
const mp3: SoundPlan = { encoder: "libmp3lame", sampleFormat: "s16p", sampleRate: 44_100 };
const flac: SoundPlan = { encoder: "flac", sampleFormat: "s16" };
const alac: SoundPlan = { encoder: "alac", sampleFormat: "s16p" };
const pcm: SoundPlan = { encoder: "pcm_s16le", sampleFormat: "s16", sampleRate: 8000 };
const vorbis: SoundPlan = { encoder: "libvorbis", sampleFormat: "fltp", channelCount: 2 };

/** Name, kind, plan: every container and every decoder that files of contributors may use, as far as there are encoders. */
const plans: readonly (readonly [name: string, kind: string, plan: MediaPlan])[] = [
  ["h264-aac.mp4", "mp4", { container: "mp4", picture: h264, sound: aac }],
  ["hevc10.mp4", "mp4", { container: "mp4", picture: hevc }],
  ["av1-opus.mp4", "mp4", { container: "mp4", picture: av1, sound: opus }],
  ["vp9.mp4", "mp4", { container: "mp4", picture: vp9 }],
  ["mpeg4-mp3.mp4", "mp4", { container: "mp4", picture: mpeg4, sound: mp3 }],
  [
    "fragmented.mp4",
    "mp4",
    {
      container: "mp4",
      containerOptions: { movflags: "frag_keyframe+empty_moov+default_base_moof" },
      picture: h264,
      sound: aac,
    },
  ],
  [
    "faststart.mp4",
    "mp4",
    { container: "mp4", containerOptions: { movflags: "faststart" }, picture: h264, sound: flac },
  ],
  ["prores-pcm.mov", "mov", { container: "mov", picture: prores, sound: pcm }],
  [
    "mjpeg.mov",
    "mov",
    {
      container: "mov",
      picture: mjpeg,
      sound: { encoder: "pcm_mulaw", sampleFormat: "s16", sampleRate: 8000 },
    },
  ],
  ["h263.3gp", "3gp", { container: "3gp", picture: h263, sound: aac }],
  ["aac.m4a", "m4a", { container: "ipod", sound: aac }],
  ["alac.m4a", "m4a", { container: "ipod", sound: alac }],
  ["vp8-opus.webm", "webm", { container: "webm", picture: vp8, sound: opus }],
  ["vp9-vorbis.webm", "webm", { container: "webm", picture: vp9, sound: vorbis }],
  ["live.webm", "webm", { container: "webm", containerOptions: { live: 1 }, picture: av1, sound: opus }],
  ["h264-flac.mkv", "mkv", { container: "matroska", picture: h264, sound: flac }],
  ["mjpeg-pcm.avi", "avi", { container: "avi", picture: mjpeg, sound: pcm }],
  ["mpeg4-mp3.avi", "avi", { container: "avi", picture: mpeg4, sound: mp3 }],
  [
    "dv.avi",
    "avi",
    { container: "avi", picture: { encoder: "dvvideo", width: 720, height: 576, frameCount: 1 } },
  ],
  ["h264-aac.ts", "ts", { container: "mpegts", picture: h264, sound: aac }],
  [
    "mpeg2-mp2.ts",
    "ts",
    {
      container: "mpegts",
      picture: { encoder: "mpeg2video" },
      sound: { encoder: "mp2", sampleFormat: "s16" },
    },
  ],
  [
    "mpeg1-mp2.mpg",
    "mpg",
    { container: "mpeg", picture: { encoder: "mpeg1video" }, sound: { encoder: "mp2", sampleFormat: "s16" } },
  ],
  [
    "mpeg2-ac3.vob",
    "mpg",
    { container: "vob", picture: { encoder: "mpeg2video" }, sound: { encoder: "ac3", sampleFormat: "fltp" } },
  ],
  ["mpeg2.m2v", "mpegvideo", { container: "mpeg2video", picture: { encoder: "mpeg2video" } }],
  ["aac.latm", "latm", { container: "latm", sound: aac }],
  ["flv1-mp3.flv", "flv", { container: "flv", picture: { encoder: "flv" }, sound: mp3 }],
  ["h264-aac.flv", "flv", { container: "flv", picture: h264, sound: aac }],
  [
    "wmv2-wmav2.wmv",
    "asf",
    {
      container: "asf",
      picture: { encoder: "wmv2" },
      sound: { encoder: "wmav2", sampleFormat: "fltp", sampleRate: 44_100 },
    },
  ],
  ["opus.ogg", "ogg", { container: "ogg", sound: opus }],
  ["vorbis.ogg", "ogg", { container: "ogg", sound: vorbis }],
  ["flac.ogg", "ogg", { container: "ogg", sound: flac }],
  ["pcm.wav", "wav", { container: "wav", sound: pcm }],
  [
    "float.wav",
    "wav",
    { container: "wav", sound: { encoder: "pcm_f32le", sampleFormat: "flt", channelCount: 2, seconds: 0.2 } },
  ],
  ["ima.wav", "wav", { container: "wav", sound: { encoder: "adpcm_ima_wav", sampleFormat: "s16p" } }],
  ["ms.wav", "wav", { container: "wav", sound: { encoder: "adpcm_ms", sampleFormat: "s16" } }],
  ["pcm.aiff", "aiff", { container: "aiff", sound: { ...pcm, encoder: "pcm_s16be" } }],
  ["pcm.au", "au", { container: "au", sound: { ...pcm, encoder: "pcm_s16be" } }],
  ["alac.caf", "caf", { container: "caf", sound: alac }],
  ["flac.flac", "flac", { container: "flac", sound: flac }],
  ["tone.mp3", "mp3", { container: "mp3", sound: mp3 }],
  ["tone.aac", "aac", { container: "adts", sound: aac }],
];

/** @param folder to write them in */
export async function makeMediaSeeds(folder: string): Promise<SeedFile[]> {
  const seedFiles: SeedFile[] = [];
  for (const [name, kind, plan] of plans) {
    const file = path.join(folder, name);
    await encodeMedia(file, plan);
    seedFiles.push({ name, kind, bytes: await readFile(file) });
  }
  return seedFiles;
}
