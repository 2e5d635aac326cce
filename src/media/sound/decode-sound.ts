import { Frame, Rational, type Stream } from "node-av/lib";

import { mixByMatrix, type ChannelMatrix } from "./channel-matrix.js";
import type { ClaimedFrame } from "./file-levels.js";
import { openFilterGraph, type OpenedFilterGraph } from "../open-filter-graph.js";
import { frameSeconds, openFrames, type FrameSource, type OpenedFrames } from "../open-frames.js";
import { resolveLayout } from "./resolve-layout.js";
import { createSoundClock, lookAheadPieces, type SoundPiece } from "./sound-clock.js";
import { limitSpikes } from "./limit-spikes.js";
import { sampleRate } from "./sound-format.js";

const soundLimits = { maxPixels: 1, threads: 1 };

export interface DecodeSoundOptions {
  /**
   * What becomes sample 0, on the file's clock: earlier sound is cut, a later beginning is padded with silence.
   * Null begins with the first sound there is.
   */
  readonly startSeconds: number | null;
  /** A silence in the file's timestamps longer than this is taken for a broken clock and left out. */
  readonly maxGapSeconds: number;
  /** Told of each decoded frame and of what its file says of it, before anything is made of it. */
  readonly onFrame?: ((frame: ClaimedFrame) => void) | undefined;
  /** How channels are mixed to stereo; by what the stream says of them where it is null or left out. */
  readonly matrix?: ChannelMatrix | null | undefined;
  /** Takes interleaved stereo float32 at 48 kHz, its own to keep; false stops. */
  readonly onSamples: (interleaved: Float32Array<ArrayBuffer>) => Promise<boolean>;
}

/** A smaller step between two pieces is left to the resampler, which stretches sound by as much within a second. */
const minStepSeconds = 0.008;

/**
 * Decodes one sound stream to 48 kHz stereo, each piece at the time that the file's timestamps give it
 * (`createSoundClock`): gaps become silence, overlaps are cut, and a recorder whose sample clock drifts against its
 * timestamps is stretched by an inaudible amount.
 *
 * @returns decoded seconds before resampling; 0 when nothing could be decoded
 * @throws KeepsakeError `media-damaged`, `media-codec-unsupported`
 */
export async function decodeSound(source: FrameSource, options: DecodeSoundOptions): Promise<number> {
  await using frames = await openFrames(source, soundLimits);
  using resampler = openResampler(options);
  using ahead = openLookAhead(frames, source);
  const clock = createSoundClock(options);
  let decodedSeconds = 0;
  for (let next = ahead.next(); next !== null; next = ahead.next()) {
    const { frame, pieces } = next;
    const [{ claimedSeconds, recording }] = pieces;
    options.onFrame?.({ frame, claimedSeconds, recording });
    decodedSeconds += pieces[0].lengthSeconds;
    if (!(await resampler.add(frame, clock.place(pieces)))) return decodedSeconds;
  }
  await resampler.end();
  return decodedSeconds;
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

interface LookAhead extends Disposable {
  /** The next piece of sound, valid until the next call, and those that follow it: `lookAheadPieces`; null at the end. */
  next(): { readonly frame: Frame; readonly pieces: readonly [SoundPiece, ...SoundPiece[]] } | null;
}

/** Streams without timestamps: FFmpeg makes some up from the sample rate that the file begins with. */
const untimedContainers: ReadonlySet<string> = new Set(["mp3", "aac", "loas"]);
/** Streams in which only some pieces have a timestamp; those between are made up likewise. */
const sparseContainers: ReadonlySet<string> = new Set(["mpegts", "mpeg"]);

/** Reads what a file says of when its pieces of sound are heard, where that can be right. */
function createClaimReader({ demuxer }: FrameSource, stream: Stream): (frame: Frame) => number | null {
  if (untimedContainers.has(demuxer)) return () => null;
  if (!sparseContainers.has(demuxer)) return (frame) => frameSeconds(frame, stream);
  let firstRate: number | null = null;
  let lastRate: number | null = null;
  return (frame) => {
    firstRate ??= frame.sampleRate;
    // The piece with which a recording at another rate begins has a timestamp of its own.
    const isMadeUp = frame.sampleRate !== firstRate && frame.sampleRate === lastRate;
    lastRate = frame.sampleRate;
    return isMadeUp ? null : frameSeconds(frame, stream);
  };
}

function openLookAhead(frames: OpenedFrames, source: FrameSource): LookAhead {
  const readClaim = createClaimReader(source, frames.stream);
  const held: Frame[] = [];
  const pieces: SoundPiece[] = [];
  const free: Frame[] = Array.from({ length: lookAheadPieces }, () => new Frame());
  for (const frame of free) frame.alloc();
  let ended = false;
  let isHanded = false;
  return {
    next() {
      if (isHanded) {
        free.push(held.shift() as Frame);
        pieces.shift();
      }
      while (!ended && held.length < lookAheadPieces) {
        const frame = free.at(-1) as Frame;
        ended = !nextWithSound(frames, frame);
        if (ended) break;
        held.push(free.pop() as Frame);
        const lengthSeconds = frame.nbSamples / frame.sampleRate;
        pieces.push({ claimedSeconds: readClaim(frame), lengthSeconds, recording: frames.recording });
      }
      const [frame] = held;
      isHanded = frame !== undefined;
      return frame === undefined ? null : { frame, pieces: pieces as [SoundPiece, ...SoundPiece[]] };
    },
    [Symbol.dispose]() {
      for (const frame of [...held, ...free]) frame.free();
    },
  };
}

interface Resampler extends Disposable {
  /** @param seconds from sample 0 on at which the frame is heard */
  add(frame: Frame, seconds: number): Promise<boolean>;
  end(): Promise<void>;
}

/** One filter graph for each run of sound without a step, of one sample rate, format and layout. */
function openResampler({ onSamples, matrix }: DecodeSoundOptions): Resampler {
  let graph: OpenedFilterGraph | null = null;
  let graphKey = "";
  let sampleCount = 0;
  let endSeconds = 0;
  /** Samples that lie before what is there already, or before sample 0. */
  let cutSamples = 0;
  const output = new Frame();
  output.alloc();

  const drain = async (from: OpenedFilterGraph): Promise<boolean> => {
    while (from.pullNow(output)) {
      const cut = Math.min(cutSamples, output.nbSamples);
      cutSamples -= cut;
      if (cut === output.nbSamples) continue;
      sampleCount += output.nbSamples - cut;
      if (!(await onSamples(copySamples(output, cut)))) return false;
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

  /** In pieces: a silence may last for an hour. */
  const beSilentUntil = async (sample: number): Promise<boolean> => {
    while (sampleCount < sample) {
      const count = Math.min(sampleRate, sample - sampleCount);
      sampleCount += count;
      if (!(await onSamples(new Float32Array(2 * count)))) return false;
    }
    return true;
  };

  return {
    async add(frame, seconds) {
      const placing = matrix?.length === frame.channels ? mixByMatrix(frame, matrix) : resolveLayout(frame);
      const key = [frame.sampleRate, frame.format, frame.channels, frame.channelLayout.mask, placing].join();
      const isStep = Math.abs(seconds - endSeconds) >= minStepSeconds;
      if ((isStep || graphKey !== key) && !(await close())) return false;
      endSeconds = seconds + frame.nbSamples / frame.sampleRate;
      const timeBase = new Rational(1, frame.sampleRate);
      if (graph === null) {
        const firstSample = Math.round(seconds * sampleRate);
        if (!(await beSilentUntil(firstSample))) return false;
        cutSamples = sampleCount - firstSample;
        graph = openFilterGraph(frame, timeBase, placing + resamplingFilters);
        graphKey = key;
      }
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
 * `async` makes the resampler follow the timestamps that frames are given: from 5 ms off slowly, by at most 1000 samples
 * a second. (Its default threshold of 1 ms is a rounding error in WebM.) It begins at the first frame: its `first_pts`
 * would count samples of the input.
 */
const resamplingFilters = `aresample=${sampleRate}:async=1000:min_comp=0.005:min_hard_comp=0.1,aformat=sample_fmts=flt:channel_layouts=stereo`;

/** A copy, as the frame's memory is used again, without the first `cut` samples and without damage. */
function copySamples(frame: Frame, cut: number): Float32Array<ArrayBuffer> {
  const bytes = frame.data?.[0];
  const samples = new Float32Array((frame.nbSamples - cut) * 2);
  if (bytes === undefined) return samples;
  new Uint8Array(samples.buffer).set(bytes.subarray(cut * 8, cut * 8 + samples.byteLength));
  limitSpikes(samples);
  return samples;
}
