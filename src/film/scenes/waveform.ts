import { open } from "node:fs/promises";

import type { SKRSContext2D } from "@napi-rs/canvas";

import type { Box } from "../model/box.js";
import type { SoundAsset } from "../../media/asset.js";
import type { Overlay } from "../model/scene-layers.js";
import type { Rgb } from "../../colour/rgb.js";
import type { TextColours } from "../model/theme.js";
import type { DrawingContext } from "./drawing/drawing-context.js";
import { css } from "./text/text-pieces.js";

const pitchUnits = 11.7;
const barUnits = 5;
const minBarUnits = 6;
const sampleFrameBytes = 8;
const chunkSampleFrames = 65_536;

/** Loudness of each bar of a waveform, 0 to 1 relative to the voice's own loud passages. */
export type Loudnesses = readonly number[];

/** Measures as many bars as fit into a width, each the loudness (RMS) of its share of the sound. */
export async function readLoudnesses(sound: SoundAsset, widthUnits: number): Promise<Loudnesses> {
  const barCount = Math.max(1, Math.floor((widthUnits - barUnits) / pitchUnits) + 1);
  const energies = new Float64Array(barCount);
  const counts = new Float64Array(barCount);
  await using file = await open(sound.path);
  const chunk = Buffer.alloc(chunkSampleFrames * sampleFrameBytes);
  for (let first = 0; first < sound.sampleCount; first += chunkSampleFrames) {
    const { bytesRead } = await file.read(chunk, 0, chunk.length, first * sampleFrameBytes);
    const samples = new Float32Array(chunk.buffer, chunk.byteOffset, Math.floor(bytesRead / 4));
    const frameCount = Math.min(samples.length >> 1, sound.sampleCount - first);
    for (let i = 0; i < frameCount; i += 1) {
      const bar = Math.min(barCount - 1, Math.floor(((first + i) * barCount) / sound.sampleCount));
      const level = ((samples[i * 2] as number) + (samples[i * 2 + 1] as number)) / 2;
      energies[bar] = (energies[bar] as number) + level * level;
      counts[bar] = (counts[bar] as number) + 1;
    }
    if (bytesRead < chunk.length) break;
  }
  const levels = [...energies].map((energy, bar) => Math.sqrt(energy / Math.max(1, counts[bar] ?? 1)));
  const sorted = levels.toSorted((a, b) => a - b);
  const loud = sorted[Math.floor((barCount - 1) * 0.97)] ?? 0;
  // A softer recording is silence, which must not be drawn as large as a voice.
  const reference = Math.max(loud, 0.0005);
  return levels.map((level) => Math.min(1, level / reference) ** 0.75);
}

/**
 * Draws the waveform in the colour of the part that is still to come and, over it, again in the accent, which is
 * uncovered as the voice plays.
 *
 * @param place bars are centred in the box and reach its top and bottom at most
 */
export function drawWaveform(
  drawing: DrawingContext,
  loudnesses: Loudnesses,
  { box, colours }: { readonly box: Box; readonly colours: TextColours },
  {
    soundFirstFrame,
    soundFrameCount,
  }: { readonly soundFirstFrame: number; readonly soundFrameCount: number },
): Overlay[] {
  const unheard = drawing.drawOverlay((context) => drawBars(context, loudnesses, box, colours.unheard));
  const heard = drawing.drawOverlay((context) => drawBars(context, loudnesses, box, colours.accent));
  if (unheard === null || heard === null) return [];
  const reveal = { firstFrame: soundFirstFrame, frameCount: soundFrameCount };
  return [unheard, { ...heard, reveal }];
}

function drawBars(context: SKRSContext2D, loudnesses: Loudnesses, box: Box, colour: Rgb): void {
  const width = (loudnesses.length - 1) * pitchUnits + barUnits;
  const left = box.x + (box.width - width) / 2;
  context.fillStyle = css(colour);
  context.beginPath();
  for (const [bar, loudness] of loudnesses.entries()) {
    const height = minBarUnits + (box.height - minBarUnits) * loudness;
    const top = box.y + (box.height - height) / 2;
    context.roundRect(left + bar * pitchUnits, top, barUnits, height, barUnits / 2);
  }
  context.fill();
}
