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
   * Time of sample 0 on the file's clock: earlier sound is cut, and a later start is padded with silence.
   * Null starts with the first sound of the file.
   */
  readonly startSeconds: number | null;
  /** A longer gap in the file's timestamps is treated as an error of its clock and left out. */
  readonly maxGapSeconds: number;
  /** Called with each decoded frame and its time in the file, before it is processed. */
  readonly onFrame?: ((frame: ClaimedFrame) => void) | undefined;
  /** Gains for the mix to stereo. If null or absent, channels are mixed by their positions in the stream. */
  readonly matrix?: ChannelMatrix | null | undefined;
  /** Receives interleaved stereo float32 at 48 kHz in a new buffer; returning false stops decoding. */
  readonly onSamples: (interleaved: Float32Array<ArrayBuffer>) => Promise<boolean>;
}

/** Smaller steps between two pieces are corrected by the resampler, which can stretch a second of sound by this much. */
const minStepSeconds = 0.008;

/**
 * Decodes one sound stream to 48 kHz stereo, each piece at the time of its timestamp (`createSoundClock`): gaps become
 * silence, overlaps are cut, and sound whose sample clock drifts against its timestamps is stretched by an inaudible
 * amount.
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
 * Start of a sound stream in seconds on the file's clock; null when nothing can be decoded.
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
  /** Returns the next piece, valid until the next call, and up to `lookAheadPieces` that follow; null at the end. */
  next(): { readonly frame: Frame; readonly pieces: readonly [SoundPiece, ...SoundPiece[]] } | null;
}

/** Containers without timestamps: FFmpeg computes them from the sample rate at the start of the file. */
const untimedContainers: ReadonlySet<string> = new Set(["mp3", "aac", "loas"]);
/** Containers in which only some pieces have a timestamp; FFmpeg computes those between in the same way. */
const sparseContainers: ReadonlySet<string> = new Set(["mpegts", "mpeg"]);

/** Reads the times that a file claims for its pieces of sound; null where they cannot be right. */
function createClaimReader({ demuxer }: FrameSource, stream: Stream): (frame: Frame) => number | null {
  if (untimedContainers.has(demuxer)) return () => null;
  if (!sparseContainers.has(demuxer)) return (frame) => frameSeconds(frame, stream);
  let firstRate: number | null = null;
  let lastRate: number | null = null;
  return (frame) => {
    firstRate ??= frame.sampleRate;
    // The first piece at another sample rate has a real timestamp.
    const isComputed = frame.sampleRate !== firstRate && frame.sampleRate === lastRate;
    lastRate = frame.sampleRate;
    return isComputed ? null : frameSeconds(frame, stream);
  };
}

function openLookAhead(frames: OpenedFrames, source: FrameSource): LookAhead {
  const readClaim = createClaimReader(source, frames.stream);
  const buffered: Frame[] = [];
  const pieces: SoundPiece[] = [];
  const free: Frame[] = Array.from({ length: lookAheadPieces }, () => new Frame());
  for (const frame of free) frame.alloc();
  let ended = false;
  let isReturned = false;
  return {
    next() {
      if (isReturned) {
        free.push(buffered.shift() as Frame);
        pieces.shift();
      }
      while (!ended && buffered.length < lookAheadPieces) {
        const frame = free.at(-1) as Frame;
        ended = !nextWithSound(frames, frame);
        if (ended) break;
        buffered.push(free.pop() as Frame);
        const lengthSeconds = frame.nbSamples / frame.sampleRate;
        pieces.push({ claimedSeconds: readClaim(frame), lengthSeconds, recording: frames.recording });
      }
      const [frame] = buffered;
      isReturned = frame !== undefined;
      return frame === undefined ? null : { frame, pieces: pieces as [SoundPiece, ...SoundPiece[]] };
    },
    [Symbol.dispose]() {
      for (const frame of [...buffered, ...free]) frame.free();
    },
  };
}

interface Resampler extends Disposable {
  /** @param seconds time of the frame, from sample 0 on */
  add(frame: Frame, seconds: number): Promise<boolean>;
  end(): Promise<void>;
}

/** Uses one filter graph for each run of sound without a step that has one sample rate, format and layout. */
function openResampler({ onSamples, matrix }: DecodeSoundOptions): Resampler {
  let graph: OpenedFilterGraph | null = null;
  let graphKey = "";
  let sampleCount = 0;
  let endSeconds = 0;
  /** Samples to drop, because they overlap earlier sound or are before sample 0. */
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

  /** Adds silence in pieces, because it may last for an hour. */
  const addSilenceUntil = async (sample: number): Promise<boolean> => {
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
        if (!(await addSilenceUntil(firstSample))) return false;
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
 * `async` makes the resampler follow the timestamps of frames: differences from 5 ms on are corrected slowly, by at most
 * 1000 samples a second. (Its default threshold of 1 ms is a rounding error in WebM.) It starts at the first frame, because
 * its option `first_pts` would count samples of the input.
 */
const resamplingFilters = `aresample=${sampleRate}:async=1000:min_comp=0.005:min_hard_comp=0.1,aformat=sample_fmts=flt:channel_layouts=stereo`;

/** Copies samples, because the frame's memory is reused, without the first `cut` ones and with damage limited. */
function copySamples(frame: Frame, cut: number): Float32Array<ArrayBuffer> {
  const bytes = frame.data?.[0];
  const samples = new Float32Array((frame.nbSamples - cut) * 2);
  if (bytes === undefined) return samples;
  new Uint8Array(samples.buffer).set(bytes.subarray(cut * 8, cut * 8 + samples.byteLength));
  limitSpikes(samples);
  return samples;
}
