import { readFile, writeFile } from "node:fs/promises";

import { openMediaWriter } from "../../../dist/media/film-files/open-media-writer.js";

/** The coded picture has four corners of different brightness, so that each orientation can be recognised. */
export const codedWidth = 160;
export const codedHeight = 96;
export const cornerLuma = { topLeft: 40, topRight: 90, bottomLeft: 140, bottomRight: 190 } as const;

const fps = 30;
const sampleRate = 48_000;

export interface SampleClipOptions {
  readonly frameCount: number;
  /** Brightness of the middle of a frame; the corners stay as they are. */
  readonly middle: (frame: number) => number;
  /** Frame from which a loud tone is heard; silence before. */
  readonly toneFromFrame: number;
}

/** Writes an MP4 as a phone does: H.264 and AAC. */
export async function writeSampleClip(path: string, options: SampleClipOptions): Promise<void> {
  await using writer = await openMediaWriter(path, {
    container: "mp4",
    picture: { width: codedWidth, height: codedHeight, fps, crf: 12, rotationDegrees: 0 },
    sound: { codec: "aac", sampleRate, channelCount: 2, bitsPerSecond: 128_000 },
  });
  const samplesPerFrame = sampleRate / fps;
  for (let frame = 0; frame < options.frameCount; frame += 1) {
    await writer.writePicture(paint(options.middle(frame)));
    const loud = frame >= options.toneFromFrame ? 0.5 : 0;
    const sound = new Float32Array(2 * samplesPerFrame);
    for (let sample = 0; sample < samplesPerFrame; sample += 1) {
      const phase = (2 * Math.PI * 1000 * (frame * samplesPerFrame + sample)) / sampleRate;
      sound[2 * sample] = sound[2 * sample + 1] = loud * Math.sin(phase);
    }
    await writer.writeSound(sound);
  }
  await writer.finish();
}

function paint(middle: number): Uint8Array {
  const lumaBytes = codedWidth * codedHeight;
  const picture = new Uint8Array(lumaBytes * 1.5).fill(128, lumaBytes);
  for (let y = 0; y < codedHeight; y += 1) {
    for (let x = 0; x < codedWidth; x += 1) {
      const left = x < codedWidth / 4;
      const right = x >= (codedWidth * 3) / 4;
      const top = y < codedHeight / 4;
      const bottom = y >= (codedHeight * 3) / 4;
      let luma = middle;
      if (top && left) luma = cornerLuma.topLeft;
      else if (top && right) luma = cornerLuma.topRight;
      else if (bottom && left) luma = cornerLuma.bottomLeft;
      else if (bottom && right) luma = cornerLuma.bottomRight;
      picture[y * codedWidth + x] = luma;
    }
  }
  return picture;
}

/** Offset of the matrix behind the letters `tkhd` of a version 0 track header (ISO/IEC 14496-12, 8.3.2). */
const matrixOffset = 4 + 40;
const one = 65_536;

/**
 * Gives the first track of an MP4 another display matrix: [a b; c d] shows (p, q) at (a·p + c·q, b·p + d·q).
 */
export async function setDisplayMatrix(
  path: string,
  [a, b, c, d]: readonly [number, number, number, number],
) {
  const file = await readFile(path);
  const at = file.indexOf("tkhd", 0, "latin1") + matrixOffset;
  for (const [index, value] of [a, b, 0, c, d, 0].entries()) {
    file.writeInt32BE(value * one, at + index * 4);
  }
  await writeFile(path, file);
}
