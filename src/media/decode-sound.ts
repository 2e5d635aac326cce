import { Frame, Rational, type Stream } from "node-av/lib";

import { mixByMatrix, type ChannelMatrix } from "./channel-matrix.js";
import { openFilterGraph, type OpenedFilterGraph } from "./open-filter-graph.js";
import { frameSeconds, openFrames, type FrameSource, type OpenedFrames } from "./open-frames.js";
import { settleLayout } from "./settle-layout.js";
import { tameSpikes } from "./tame-spikes.js";

const sampleRate = 48_000;

const soundLimits = { maxPixels: 1, threads: 1 };

export interface DecodeSoundOptions {
  /**
   * What becomes sample 0, on the file's clock: earlier sound is cut, a later beginning is padded with silence.
   * Null begins with the first sound there is.
   */
  readonly startSeconds: number | null;
  /** A silence in the file's timestamps longer than this is taken for a broken clock and left out. */
  readonly maxGapSeconds: number;
  /** How channels are mixed to stereo; by what the stream says of them where it is null or left out. */
  readonly matrix?: ChannelMatrix | null | undefined;
  /** Takes interleaved stereo float32 at 48 kHz, its own to keep; false stops. */
  readonly onSamples: (interleaved: Float32Array<ArrayBuffer>) => Promise<boolean>;
}

/** Silence that is longer is written by us, in pieces. */
const longSilenceSeconds = 1;

/** A step back in the timestamps larger than this is a clock that began again, not an overlap. */
const maxOverlapSeconds = 1;

/**
 * Decodes one sound stream to 48 kHz stereo. Timestamps are followed: gaps become silence, and a recorder whose
 * sample clock drifts against its timestamps by more than 20 ms is stretched by an inaudible amount.
 *
 * @returns decoded seconds before resampling; 0 when nothing could be decoded
 * @throws KeepsakeError `media-damaged`, `media-codec-unsupported`
 */
export async function decodeSound(source: FrameSource, options: DecodeSoundOptions): Promise<number> {
  await using frames = await openFrames(source, soundLimits);
  using resampler = openResampler(options);
  const frame = new Frame();
  frame.alloc();
  try {
    const clock = createClock(options);
    let decodedSeconds = 0;
    while (nextWithSound(frames, frame)) {
      decodedSeconds += frame.nbSamples / frame.sampleRate;
      const seconds = clock.place(frame, frames.stream);
      if (!(await resampler.add(frame, seconds))) return decodedSeconds;
    }
    await resampler.end();
    return decodedSeconds;
  } finally {
    frame.free();
  }
}

/**
 * When a sound stream is first heard, in seconds of the file's clock; null when nothing can be decoded.
 *
 * @throws KeepsakeError `media-damaged`, `media-codec-unsupported`
 */
export async function findSoundStart(source: FrameSource): Promise<number | null> {
  await using frames = await openFrames(source, soundLimits);
  const frame = new Frame();
  frame.alloc();
  try {
    return nextWithSound(frames, frame) ? (frameSeconds(frame, frames.stream) ?? 0) : null;
  } finally {
    frame.free();
  }
}

function nextWithSound(frames: OpenedFrames, frame: Frame): boolean {
  while (frames.next(frame)) {
    if (frame.nbSamples > 0 && frame.sampleRate >= 1000 && frame.sampleRate <= 768_000) return true;
  }
  return false;
}

/** Says where each piece of sound belongs, in seconds from sample 0. */
function createClock({ startSeconds, maxGapSeconds }: DecodeSoundOptions): {
  place(frame: Frame, stream: Stream): number;
} {
  let offsetSeconds: number | null = startSeconds === null ? null : -startSeconds;
  let expectedSeconds: number | null = null;
  return {
    place(frame, stream) {
      const claimed = frameSeconds(frame, stream);
      offsetSeconds ??= -(claimed ?? 0);
      let seconds: number = claimed === null ? (expectedSeconds ?? 0) : claimed + offsetSeconds;
      const jump: number = seconds - (expectedSeconds ?? 0);
      if (jump > maxGapSeconds || (expectedSeconds !== null && jump < -maxOverlapSeconds)) {
        offsetSeconds -= jump;
        seconds = expectedSeconds ?? 0;
      }
      expectedSeconds = seconds + frame.nbSamples / frame.sampleRate;
      return seconds;
    },
  };
}

interface Resampler extends Disposable {
  add(frame: Frame, seconds: number): Promise<boolean>;
  end(): Promise<void>;
}

/** One filter graph for each kind of frame: sample rate and layout may change in mid-stream. */
function openResampler({ onSamples, matrix }: DecodeSoundOptions): Resampler {
  let graph: OpenedFilterGraph | null = null;
  let graphKey = "";
  let sampleCount = 0;
  let endSeconds = 0;
  const output = new Frame();
  output.alloc();

  const drain = async (from: OpenedFilterGraph): Promise<boolean> => {
    while (from.pullNow(output)) {
      const samples = copySamples(output);
      sampleCount += output.nbSamples;
      if (!(await onSamples(samples))) return false;
    }
    return true;
  };
  const close = async (): Promise<boolean> => {
    if (graph === null) return true;
    graph.pushNow(null);
    const more = await drain(graph);
    graph[Symbol.dispose]();
    graph = null;
    return more;
  };

  /** Not by the resampler, which would make one piece of an hour of silence. */
  const beSilentUntil = async (seconds: number): Promise<boolean> => {
    if (!(await close())) return false;
    const end = Math.round(seconds * sampleRate);
    while (sampleCount < end) {
      const count = Math.min(sampleRate, end - sampleCount);
      sampleCount += count;
      if (!(await onSamples(new Float32Array(2 * count)))) return false;
    }
    return true;
  };

  return {
    async add(frame, seconds) {
      if (seconds - endSeconds > longSilenceSeconds && !(await beSilentUntil(seconds))) return false;
      endSeconds = seconds + frame.nbSamples / frame.sampleRate;
      const placing = matrix?.length === frame.channels ? mixByMatrix(frame, matrix) : settleLayout(frame);
      const key = [frame.sampleRate, frame.format, frame.channels, frame.channelLayout.mask, placing].join();
      if (graph !== null && graphKey !== key && !(await close())) return false;
      const timeBase = new Rational(1, frame.sampleRate);
      graph ??= openFilterGraph(frame, timeBase, placing + resamplingFilters(sampleCount));
      graphKey = key;
      frame.timeBase = timeBase;
      frame.pts = BigInt(Math.round(seconds * frame.sampleRate));
      graph.pushNow(frame);
      return await drain(graph);
    },
    async end() {
      await close();
    },
    [Symbol.dispose]() {
      graph?.[Symbol.dispose]();
      output.free();
    },
  };
}

/**
 * `async` with `first_pts` makes the resampler follow timestamps: from 100 ms off at once, by silence or a cut; from
 * 20 ms off slowly, by at most 1000 samples a second. (Its default threshold of 1 ms is a rounding error in WebM.)
 */
function resamplingFilters(firstSample: number): string {
  const follow = `async=1000:min_comp=0.02:min_hard_comp=0.1:first_pts=${firstSample}`;
  return `aresample=${sampleRate}:${follow},aformat=sample_fmts=flt:channel_layouts=stereo`;
}

/** A copy, as the frame's memory is used again; without damage. */
function copySamples(frame: Frame): Float32Array<ArrayBuffer> {
  const bytes = frame.data?.[0];
  const samples = new Float32Array(frame.nbSamples * 2);
  if (bytes === undefined) return samples;
  new Uint8Array(samples.buffer).set(bytes.subarray(0, samples.byteLength));
  tameSpikes(samples);
  return samples;
}
