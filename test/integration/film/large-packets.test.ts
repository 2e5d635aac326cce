import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { expect, test } from "vitest";

import type { ClipAsset } from "../../../dist/media/asset.js";
import { encodeSegment } from "../../../dist/film/segments/encode-segment.js";
import { interleave } from "../../../dist/film/join/interleave.js";
import { createVideoTrack } from "../../../dist/film/join/video-track.js";
import { encoderSettings } from "../../../dist/film/model/quality.js";
import type { SceneLayers } from "../../../dist/film/model/scene-layers.js";
import { ticksPerSecond, type Mp4Track } from "../../../dist/mp4/mp4-track.js";
import { writeMp4 } from "../../../dist/mp4/write-mp4.js";

const fps = 30;
const size = { width: 320, height: 180 };
const frameCount = 60;
const fillerBytes = 3_000_000;
const { signal } = new AbortController();

/** A NAL unit of filler data (H.264, 7.3.2.7) as cameras of constant bit rate add it; decoders skip it. */
function filler(): Buffer {
  const unit = Buffer.alloc(4 + fillerBytes, 0xff);
  unit.writeUInt32BE(fillerBytes, 0);
  unit[4] = 12;
  unit[unit.length - 1] = 0x80;
  return unit;
}

/** Writes the same pictures in packets of three megabytes each. */
function inflate(track: Mp4Track): Mp4Track {
  const more = filler();
  return {
    ...track,
    sizes: track.sizes.map((bytes) => bytes + more.length),
    async read(firstSample, sampleCount) {
      const parts: Uint8Array[] = [];
      for (let sample = firstSample; sample < firstSample + sampleCount; sample += 1)
        parts.push(await track.read(sample, 1), more);
      return Buffer.concat(parts);
    },
  };
}

test("paints a clip with packets of megabytes without more memory", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "keepsake-packets-"));
  const paint = async (name: string, scene: SceneLayers) => {
    const output = path.join(folder, `${name}.mp4`);
    const scenes = [{ firstFrame: 0, frameCount, layers: scene }];
    const fades = { dissolveFrames: 0, fadeFromBlack: null, fadeToBlack: null };
    const plan = { ...size, fps, firstFrame: 0, frameCount, scenes, ...fades };
    return await encodeSegment(plan, { encoder: encoderSettings.draft, output, folder, signal });
  };
  try {
    const background = { path: path.join(folder, "background.i420"), ...size, motion: null };
    await writeFile(background.path, new Uint8Array((size.width * size.height * 3) / 2).fill(120));
    const small = await paint("small", { background, clip: null, overlays: [] });
    const file = path.join(folder, "large.mp4");
    const tracks = [inflate(await createVideoTrack([small], fps))];
    const durationTicks = (frameCount * ticksPerSecond) / fps;
    await writeMp4(
      file,
      { durationTicks, title: null, date: null, chapters: [] },
      tracks,
      interleave(tracks),
    );
    const asset: ClipAsset = {
      kind: "clip",
      path: file,
      demuxer: "mov",
      streamIndex: 0,
      ...size,
      mirrored: false,
      rotationDegrees: 0,
      transfer: "sdr",
      interlaced: false,
      startSeconds: 0,
      durationSeconds: frameCount / fps,
      sound: null,
      sha256: "large",
    };
    const clip = { asset, x: 0, y: 0, ...size, firstFrame: 0, frameCount, fill: null };
    const large = await paint("painted", { background, clip, overlays: [] });
    // A packet exists three times: as it was read, as it is decoded, and in the buffer of the parser. Before the fix
    // it was 60.
    expect(large.peakMib - small.peakMib).toBeLessThan(60);
  } finally {
    await rm(folder, { recursive: true });
  }
});
