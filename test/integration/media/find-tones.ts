import { readFile } from "node:fs/promises";

import type { SoundAsset } from "../../../dist/media/asset.js";

/**
 * Measures a tone on the left and on the right between two times, in dB of full scale; -120 for silence. Times that
 * are whole periods apart give it exactly.
 */
export async function toneDb(
  { path, sampleCount }: SoundAsset,
  hertz: number,
  [from, to]: readonly [number, number] = [0, sampleCount / 48_000],
): Promise<[number, number]> {
  const bytes = await readFile(path);
  const samples = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  const [first, end] = [Math.round(from * 48_000), Math.round(to * 48_000)];
  const side = (channel: 0 | 1): number => {
    let cosine = 0;
    let sine = 0;
    for (let index = first; index < end; index++) {
      const angle = (2 * Math.PI * hertz * index) / 48_000;
      const value = samples[2 * index + channel] ?? 0;
      cosine += value * Math.cos(angle);
      sine += value * Math.sin(angle);
    }
    return Math.max(-120, 20 * Math.log10((2 * Math.hypot(cosine, sine)) / (end - first)));
  };
  return [side(0), side(1)];
}
