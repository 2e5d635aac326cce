import { AV_CHANNEL_LAYOUT_STEREO, AV_LOG_ERROR, AV_SAMPLE_FMT_FLT } from "node-av/constants";
import { Frame, Log } from "node-av/lib";
import { describe, expect, it } from "vitest";

import { measureLoudness } from "../../../dist/media/sound/loudness.js";
import { openFilterGraph } from "../../../dist/media/open-filter-graph.js";
import { voice } from "../film/tiny-film.js";

Log.setLevel(AV_LOG_ERROR);

const pieceSamples = 4800;
const timeBase = { num: 1, den: 48_000 };

/** FFmpeg's own meter; it gives peaks in thousandths of full scale. */
async function measureByFfmpeg(
  sound: Float32Array,
): Promise<{ integratedLufs: number; truePeakDbtp: number }> {
  const frameOf = (piece: Float32Array, firstSample: number) =>
    Frame.fromAudioBuffer(Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength), {
      nbSamples: piece.length / 2,
      format: AV_SAMPLE_FMT_FLT,
      sampleRate: 48_000,
      channelLayout: AV_CHANNEL_LAYOUT_STEREO,
      timeBase,
      pts: BigInt(firstSample),
    });
  using like = frameOf(sound.subarray(0, 2 * pieceSamples), 0);
  using graph = openFilterGraph(like, timeBase, "ebur128=metadata=1:peak=true");
  using measured = new Frame();
  measured.alloc();
  let integrated = Number.NaN;
  let peak = 0;
  const pull = async (): Promise<void> => {
    while (await graph.pull(measured)) {
      const values = measured.getMetadata().getAll();
      integrated = Number(values["lavfi.r128.I"]);
      peak = Math.max(
        Number(values["lavfi.r128.true_peaks_ch0"]),
        Number(values["lavfi.r128.true_peaks_ch1"]),
      );
    }
  };
  for (let start = 0; start < sound.length; start += 2 * pieceSamples) {
    using frame = frameOf(sound.slice(start, start + 2 * pieceSamples), start / 2);
    await graph.push(frame);
    await pull();
  }
  await graph.push(null);
  await pull();
  return { integratedLufs: integrated, truePeakDbtp: 20 * Math.log10(peak) };
}

function noise(seconds: number, left: number, right: number): Float32Array {
  let state = 7;
  return new Float32Array(2 * seconds * 48_000).map((_, index) => {
    state = (state * 48_271) % 2_147_483_647;
    return (index % 2 === 0 ? left : right) * ((2 * state) / 2_147_483_647 - 1);
  });
}

describe("measureLoudness", () => {
  it.each([
    ["a voice", voice(6, 150, 0.5)],
    ["a softer voice", voice(6, 220, 0.2)],
    ["noise, louder on one side", noise(5, 0.7, 0.2)],
    ["a clipped voice", voice(6, 150, 3).map((value) => Math.max(-1, Math.min(1, value)))],
  ])("agrees with FFmpeg's ebur128 on %s", async (_, sound) => {
    const ours = await measureLoudness([sound]);
    const theirs = await measureByFfmpeg(sound);
    expect(Math.abs((ours.integratedLufs ?? 0) - theirs.integratedLufs)).toBeLessThan(0.06);
    expect(Math.abs((ours.truePeakDbtp ?? 0) - theirs.truePeakDbtp)).toBeLessThan(0.15);
  });
});
