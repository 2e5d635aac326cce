import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";

import { AV_LOG_FATAL, AV_LOG_QUIET } from "node-av/constants";
import { Log } from "node-av/lib";
import { afterAll, expect, it } from "vitest";

import type { ClipAsset } from "../../../dist/media/asset.js";
import { openClip } from "../../../dist/media/pictures/open-clip.js";
import { openMediaWriter } from "../../../dist/media/film-files/open-media-writer.js";
import { verifyClip } from "../../../dist/media/pictures/verify-clip.js";
import { useFolder } from "../../use-folder.js";

// The decoder reports every damaged block otherwise.
Log.setLevel(AV_LOG_QUIET);

const size = { width: 320, height: 192 };
const fps = 30;
const frameCount = 90;

const folder = useFolder();
afterAll(async () => {
  Log.setLevel(AV_LOG_FATAL);
});

/** A picture that moves everywhere, so that every picture depends on those before it. */
function paint(frame: number): Uint8Array {
  const lumaBytes = size.width * size.height;
  const picture = new Uint8Array((lumaBytes * 3) / 2).fill(128, lumaBytes);
  for (let index = 0; index < lumaBytes; index += 1) {
    const [x, y] = [index % size.width, Math.floor(index / size.width)];
    picture[index] =
      120 +
      60 * Math.sin((x + frame * 1.7) / 7) * Math.cos((y - frame * 0.9) / 5) +
      30 * Math.sin((x * y) / 400);
  }
  return picture;
}

/** A clip as a phone makes it, some of whose bytes a card or a transfer has spoilt. */
async function writeDamagedClip(codec: "hevc" | "h264"): Promise<ClipAsset> {
  const file = path.join(folder, `${codec}.mp4`);
  {
    await using writer = await openMediaWriter(file, {
      container: "mp4",
      picture: { ...size, fps, crf: 18, codec, rotationDegrees: 0 },
      sound: { codec: "aac", sampleRate: 48_000, channelCount: 1, bitsPerSecond: 64_000 },
    });
    await writer.writeSound(new Float32Array((frameCount * 48_000) / fps));
    for (let frame = 0; frame < frameCount; frame += 1) await writer.writePicture(paint(frame));
    await writer.finish();
  }
  const bytes = await readFile(file);
  const start = bytes.indexOf("mdat", 0, "latin1") + 4;
  const length = bytes.readUInt32BE(start - 8) - 8;
  for (let spot = 1; spot < 12; spot += 1) {
    bytes.fill(0xa5, start + Math.floor((length * spot) / 12), start + Math.floor((length * spot) / 12) + 3);
  }
  await writeFile(file, bytes);
  const place = { path: file, demuxer: "mov", streamIndex: 0 };
  const clip = await verifyClip(place, { maxSeconds: 60, maxPictures: 10_000 });
  if (clip === null) throw new Error("The clip has no pictures.");
  return { kind: "clip", ...place, ...clip, sound: null, sha256: "" };
}

/** @returns the sha256 of all its pictures */
async function readPictures(clip: ClipAsset): Promise<string> {
  await using opened = await openClip(clip, { ...size, fps, firstFrame: 0 });
  const hash = createHash("sha256");
  for (let frame = 0; frame < frameCount; frame += 1) hash.update((await opened.next()).picture);
  return hash.digest("hex");
}

it.each(["hevc", "h264"] as const)("shows a damaged %s clip in the same way every time", async (codec) => {
  const clip = await writeDamagedClip(codec);
  const digests = new Set<string>();
  for (let round = 0; round < 6; round += 1) {
    for (const digest of await Promise.all([readPictures(clip), readPictures(clip), readPictures(clip)]))
      digests.add(digest);
  }
  expect([...digests]).toHaveLength(1);
});
