import { ticksPerSecond, type Mp4Chunk, type Mp4Track } from "../../mp4/mp4-track.js";

/** Half a second of each track at a time: players read ahead little, and the file has few chunks. */
const chunkTicks = ticksPerSecond / 2;

/** Orders the samples of all tracks in the file by the time they are decoded, in small runs. */
export function interleave(tracks: readonly Pick<Mp4Track, "durations">[]): Mp4Chunk[] {
  const chunks: Mp4Chunk[] = [];
  const positions = tracks.map(() => ({ sample: 0, ticks: 0 }));
  for (
    let end = chunkTicks;
    positions.some(({ sample }, track) => sample < lengthOf(tracks[track]));
    end += chunkTicks
  ) {
    for (const [track, position] of positions.entries()) {
      const { durations } = tracks[track] as Mp4Track;
      const firstSample = position.sample;
      while (position.sample < durations.length && position.ticks < end) {
        position.ticks += durations[position.sample] as number;
        position.sample += 1;
      }
      const sampleCount = position.sample - firstSample;
      if (sampleCount > 0) chunks.push({ track, firstSample, sampleCount });
    }
  }
  return chunks;
}

function lengthOf(track: Pick<Mp4Track, "durations"> | undefined): number {
  return track?.durations.length ?? 0;
}
