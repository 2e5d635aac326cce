import { open } from "node:fs/promises";

import { KeepsakeError } from "../../errors.js";
import type { EncodedSegment } from "../model/segments.js";
import { ticksPerSecond, type Mp4Track } from "../../mp4/mp4-track.js";
import { readMovie, videoConfig, type MovieTrack } from "../../mp4/read-movie.js";
import { readSamples } from "../../mp4/read-samples.js";
import { avcEntry } from "../../mp4/sample-entries.js";

/** MP4 with one H.264 track: closed groups of pictures, constant frame rate, a key frame first. */
type SegmentFile = Pick<EncodedSegment, "path" | "frameCount">;

/**
 * Makes one track of the pictures of all segments, without changing a byte of them.
 *
 * @throws KeepsakeError `segment-unfit` when a segment is not what was planned or does not fit the others
 */
export async function createVideoTrack(segments: readonly SegmentFile[], fps: number): Promise<Mp4Track> {
  const read: SourceTrack[] = [];
  for (const [index, segment] of segments.entries()) read.push(await readSegment(segment, index));
  const [first] = read;
  if (first === undefined) throw unfit(0, "it does not exist");
  const odd = read.findIndex(({ config }) => !config.equals(first.config));
  if (odd >= 0) throw unfit(odd, "its parameter sets differ from those of the first segment");

  const frames = read.flatMap(({ displayOrder }) => displayOrder);
  const frameTicks = ticksPerSecond / fps;
  const starts = segmentStarts(segments);
  const places = read.flatMap(({ displayOrder }, index) =>
    displayOrder.map((_, sample) => ({ segment: index, sample })),
  );
  // A picture may be decoded after pictures that are shown later, so every picture is shown this many frames after
  // its decoding time.
  const delayFrames = Math.max(...read.map((segment) => segment.delayFrames));
  return {
    kind: "video",
    sampleEntry: avcEntry(first, first.config),
    sizes: Uint32Array.from(read.flatMap(({ track }) => [...track.samples.sizes])),
    durations: new Uint32Array(frames.length).fill(frameTicks),
    compositionOffsets: Uint32Array.from(places, ({ segment, sample }) => {
      const shown = (read[segment] as SourceTrack).displayOrder[sample] as number;
      return (shown - sample + delayFrames) * frameTicks;
    }),
    keySamples: read.flatMap(({ track }, index) => {
      const start = starts[index] as number;
      return [...(track.samples.keySamples ?? track.samples.sizes.keys())].map((sample) => start + sample);
    }),
    startTicks: delayFrames * frameTicks,
    place: { width: first.width, height: first.height, y: 0 },
    async read(firstSample, sampleCount) {
      const parts: Uint8Array[] = [];
      for (let sample = firstSample; sample < firstSample + sampleCount;) {
        const place = places[sample] as { segment: number; sample: number };
        const { samples } = (read[place.segment] as SourceTrack).track;
        const count = Math.min(firstSample + sampleCount - sample, samples.count - place.sample);
        await using file = await open((segments[place.segment] as SegmentFile).path, "r");
        parts.push(await readSamples(file, samples, place.sample, count));
        sample += count;
      }
      return Buffer.concat(parts);
    },
  };
}

interface SourceTrack {
  readonly track: MovieTrack;
  /** Content of `avcC`. */
  readonly config: Buffer;
  readonly width: number;
  readonly height: number;
  /** Frame of the segment that each sample shows, in decode order. */
  readonly displayOrder: readonly number[];
  readonly delayFrames: number;
}

async function readSegment({ path, frameCount }: SegmentFile, index: number): Promise<SourceTrack> {
  const { tracks } = await readMovie(path);
  const [track] = tracks;
  const config = track === undefined ? null : videoConfig(track, "avcC");
  if (track === undefined || tracks.length !== 1 || track.handler !== "vide" || config === null) {
    throw unfit(index, "it is not one track of H.264");
  }
  const { samples, entry } = track;
  if (samples.count !== frameCount) {
    throw unfit(index, `it has ${samples.count} frames where ${frameCount} were planned`);
  }
  const frameTicks = samples.durations[0] ?? 0;
  // The last sample's own length has no effect: the next segment follows at the same pace.
  const steady = samples.durations.subarray(0, -1).every((ticks) => ticks === frameTicks);
  if (samples.keySamples !== null && !samples.keySamples.has(0))
    throw unfit(index, "it starts without a key frame");

  const shownAt = Array.from(samples.compositionOffsets, (offset, sample) => sample * frameTicks + offset);
  const earliest = Math.min(...shownAt);
  const displayOrder = shownAt.map((ticks) => (ticks - earliest) / frameTicks);
  const complete = new Set(displayOrder).size === frameCount && Math.max(...displayOrder) === frameCount - 1;
  if (!steady || !complete || !displayOrder.every(Number.isInteger)) {
    throw unfit(index, "its frames do not follow each other evenly");
  }
  return {
    track,
    config,
    width: entry.readUInt16BE(24),
    height: entry.readUInt16BE(26),
    displayOrder,
    delayFrames: Math.max(...displayOrder.map((shown, sample) => sample - shown)),
  };
}

function segmentStarts(segments: readonly SegmentFile[]): number[] {
  let start = 0;
  return segments.map(({ frameCount }) => {
    start += frameCount;
    return start - frameCount;
  });
}

function unfit(index: number, why: string): KeepsakeError {
  return new KeepsakeError("segment-unfit", `Segment ${index + 1} cannot be joined: ${why}.`);
}
