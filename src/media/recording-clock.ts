import { AV_NOPTS_VALUE, AV_PKT_DATA_SKIP_SAMPLES } from "node-av/constants";
import type { Packet, Rational, Stream } from "node-av/lib";

import { toSeconds } from "./av-error.js";

/** Moves the packets of joined recordings onto one clock, the same for all streams, so that sound and pictures match. */
export interface RecordingClock {
  /** @param startSeconds claimed start of the recording that begins now, on its own clock */
  begin(startSeconds: number | null): void;
  /** Moves the times of a packet of `stream`. */
  place(packet: Packet, stream: Stream): void;
  /** True as soon as a recording has been moved. */
  readonly isMoved: boolean;
}

/** Packets of a stream are read in decoding order: a larger step back means that the clock restarted. */
const maxStepBackSeconds = 0.25;
/** A larger step ahead means that the clock is that of another recording. */
const maxStepAheadSeconds = 10;
/** Streams of one recording begin at most this far apart. */
const maxApartSeconds = 5;
/** Tolerated overlap, since sound and pictures of a recording need not end at the same time. */
const maxOverlapSeconds = 0.1;

interface StreamClock {
  /** Time of the previous packet after moving. */
  lastSeconds: number;
  /** Number of moves that have been applied to this stream. */
  moves: number;
  offsetSeconds: number;
}

/**
 * @param mayRestart true for containers in which another recording may follow without a header: their clock is checked
 */
export function createRecordingClock(mayRestart: boolean): RecordingClock {
  const streamClocks = new Map<number, StreamClock>();
  let offsetSeconds = 0;
  let moves = 0;
  let endSeconds = -Infinity;
  let isMoved = false;
  /** Claimed start of a recording of which no packet has been read yet. */
  let claimedStart: number | null = null;

  const move = (seconds: number): void => {
    offsetSeconds = seconds;
    moves += 1;
    isMoved = true;
  };

  /** The offset of a packet in a container whose clock may restart. */
  const follow = (dtsSeconds: number, shownSeconds: number, index: number): number => {
    const streamClock = streamClocks.get(index) ?? {
      lastSeconds: dtsSeconds + offsetSeconds,
      moves,
      offsetSeconds,
    };
    streamClocks.set(index, streamClock);
    const step = dtsSeconds + streamClock.offsetSeconds - streamClock.lastSeconds;
    if (step < -maxStepBackSeconds || step > maxStepAheadSeconds) {
      // The first stream that jumps moves the recording; when the others jump, they use the same offset.
      const moved = dtsSeconds + offsetSeconds;
      const isSameMove =
        streamClock.moves < moves && Math.abs(moved - streamClock.lastSeconds) < maxApartSeconds;
      if (!isSameMove) move(endSeconds - shownSeconds);
      streamClock.moves = moves;
      streamClock.offsetSeconds = offsetSeconds;
    }
    streamClock.lastSeconds = dtsSeconds + streamClock.offsetSeconds;
    return streamClock.offsetSeconds;
  };

  /** The start that demuxers report ignores a first packet of which a part is not played. */
  const beginWith = (shownSeconds: number, packet: Packet, stream: Stream): void => {
    if (claimedStart === null) return;
    const startSeconds = Math.min(claimedStart, shownSeconds + skippedSeconds(packet, stream));
    claimedStart = null;
    const gap = startSeconds + offsetSeconds - endSeconds;
    // For the first recording, the end of the previous one is minus infinity.
    if (Number.isFinite(gap) && (gap < -maxOverlapSeconds || gap > maxStepAheadSeconds))
      move(endSeconds - startSeconds);
  };

  return {
    begin(startSeconds) {
      claimedStart = startSeconds ?? Infinity;
    },
    place(packet, stream) {
      const { timeBase } = stream;
      const dtsSeconds = toSeconds(packet.dts, timeBase) ?? toSeconds(packet.pts, timeBase);
      if (dtsSeconds === null) return;
      const shownSeconds = toSeconds(packet.pts, timeBase) ?? dtsSeconds;
      beginWith(shownSeconds, packet, stream);
      const offset = mayRestart ? follow(dtsSeconds, shownSeconds, stream.index) : offsetSeconds;
      const lengthSeconds = toSeconds(packet.duration, timeBase) ?? 0;
      endSeconds = Math.max(endSeconds, shownSeconds + offset + lengthSeconds);
      if (offset === 0) return;
      const ticks = toTicks(offset, timeBase);
      if (packet.pts !== AV_NOPTS_VALUE) packet.pts += ticks;
      if (packet.dts !== AV_NOPTS_VALUE) packet.dts += ticks;
    },
    get isMoved() {
      return isMoved;
    },
  };
}

/** Seconds at the beginning of a packet that are decoded and not played: the first number of its side data. */
function skippedSeconds(packet: Packet, { codecpar }: Stream): number {
  const skipped = packet.getSideData(AV_PKT_DATA_SKIP_SAMPLES);
  if (skipped === null || skipped.length < 4 || codecpar.sampleRate <= 0) return 0;
  return skipped.readUInt32LE(0) / codecpar.sampleRate;
}

function toTicks(seconds: number, { num, den }: Pick<Rational, "num" | "den">): bigint {
  return BigInt(Math.round((seconds * den) / num));
}
