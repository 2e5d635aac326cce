import { readFile } from "node:fs/promises";
import path from "node:path";

import { AV_CODEC_ID_LAGARITH } from "node-av/constants";

import { makeApvSeed } from "./apv-seed.js";
import { encodeMedia, type MediaPlan, type PicturePlan, type SoundPlan } from "./encode-media.js";
import { makeOldSoundSeeds } from "./old-sound-seeds.js";
import type { SeedFile } from "./seed-file.js";
import { writePackets } from "./write-packets.js";

const dts: SoundPlan = {
  encoder: "dca",
  sampleFormat: "s32",
  channelCount: 2,
  options: { b: 768_000 },
};
const pcm: SoundPlan = { encoder: "pcm_u8", sampleFormat: "u8", sampleRate: 11_025 };

function picture(encoder: string, pixelFormat: NonNullable<PicturePlan["pixelFormat"]>): PicturePlan {
  return { encoder, pixelFormat, frameCount: 6 };
}

/** Codings of old cameras, editors and recorders, each a kind of its own. */
const plans: readonly (readonly [name: string, plan: MediaPlan])[] = [
  ["msvideo1.avi", { container: "avi", picture: picture("msvideo1", "rgb555le"), sound: pcm }],
  ["msrle.avi", { container: "avi", picture: picture("msrle", "pal8") }],
  ["utvideo.avi", { container: "avi", picture: picture("utvideo", "yuv420p"), sound: pcm }],
  ["magicyuv.avi", { container: "avi", picture: picture("magicyuv", "yuv420p") }],
  ["qtrle.mov", { container: "mov", picture: picture("qtrle", "rgb24") }],
  ["rpza.mov", { container: "mov", picture: picture("rpza", "rgb555le") }],
  ["smc.mov", { container: "mov", picture: picture("smc", "pal8") }],
  ["png.mov", { container: "mov", picture: picture("png", "rgb24") }],
  ["v210.mov", { container: "mov", picture: picture("v210", "yuv422p10le") }],
  ["pcm.w64", { container: "w64", sound: pcm }],
  ["tone.wv", { container: "wv", sound: { encoder: "wavpack", sampleFormat: "s16p", seconds: 1.2 } }],
  [
    "tone.tta",
    { container: "tta", sound: { encoder: "tta", sampleFormat: "s16", sampleRate: 8000, seconds: 2.2 } },
  ],
  ["tone.ac3", { container: "ac3", sound: { encoder: "ac3", sampleFormat: "fltp" } }],
  ["tone.eac3", { container: "eac3", sound: { encoder: "eac3", sampleFormat: "fltp" } }],
  ["tone.dts", { container: "dts", sound: dts }],
  ["mpeg4-dts.mkv", { container: "matroska", picture: { encoder: "mpeg4" }, sound: dts }],
];

/** @param folder to write them in */
export async function makeOldMediaSeeds(folder: string): Promise<SeedFile[]> {
  const seedFiles: SeedFile[] = [];
  for (const [name, plan] of plans) {
    const file = path.join(folder, name);
    await encodeMedia(file, plan);
    seedFiles.push({ name, kind: `old-${path.basename(name)}`, bytes: await readFile(file) });
  }
  return [...seedFiles, await makeLagarithSeed(folder), await makeApvSeed(folder), ...makeOldSoundSeeds()];
}

/** The coding of a plane: one value, plain bytes, or runs of zeros. Each row is the difference from the row before. */
const lagarithSolid = 0xff;
const lagarithRaw = 4;
const lagarithZeroRuns = 5;

/** Pictures of three planes, YV12 by the first byte (10), as FFmpeg's lagarith.c reads them. */
async function makeLagarithSeed(folder: string): Promise<SeedFile> {
  const [width, height] = [64, 48];
  const [lumaBytes, chromaBytes] = [width * height, (width * height) / 4];
  const pictureOf = (frame: number): Buffer => {
    const rows = Array.from({ length: lumaBytes }, (_, index) => (index === 0 ? 60 + frame : index % 3));
    const luma = Buffer.from([lagarithRaw, ...rows]);
    const runs = Array.from({ length: chromaBytes }, (_, index) => (index % 40 === 0 ? 1 : 7));
    const chroma = Buffer.from([lagarithZeroRuns, ...runs, 0, 255, 0, 255]);
    const solid = Buffer.from([lagarithSolid, 120]);
    const head = Buffer.alloc(9);
    head[0] = 10;
    head.writeUInt32LE(head.length + luma.length, 1);
    head.writeUInt32LE(head.length + luma.length + chroma.length, 5);
    return Buffer.concat([head, luma, chroma, solid]);
  };
  const file = path.join(folder, "lagarith.avi");
  const packets = [0, 1, 2, 3].map(pictureOf);
  await writePackets(file, {
    container: "avi",
    codecId: AV_CODEC_ID_LAGARITH,
    codecTag: "LAGS",
    width,
    height,
    packets,
  });
  return { name: "lagarith.avi", kind: "old-lagarith.avi", bytes: await readFile(file) };
}
