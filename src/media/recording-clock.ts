import { AV_NOPTS_VALUE, AV_PKT_DATA_SKIP_SAMPLES } from "node-av/constants";
import type { Packet, Rational, Stream } from "node-av/lib";

import { toSeconds } from "./av-error.js";

/** Moves the packets of recordings that were joined onto one clock, the same for all streams, so that lips fit. */
export interface RecordingClock {
  /** @param startSeconds when the recording that now begins says that it begins, on its own clock */
  begin(startSeconds: number | null): void;
  /** Moves the times of a packet that was just read from `stream`. */
  place(packet: Packet, stream: Stream): void;
  /** True from the first time on that a recording was moved. */
  readonly isMoved: boolean;
}

/** Packets of a stream are read in the order of decoding: a step back is a clock that began again. */
const maxStepBackSeconds = 0.25;
/** A step ahead that is larger is the clock of another recording. */
const maxStepAheadSeconds = 10;
/** Streams of one recording do not begin further apart than this. */
const maxApartSeconds = 5;
/** Sound and pictures of one recording need not end together. */
const maxOverlapSeconds = 0.1;

interface Course {
  /** Of the packet before, moved. */
  lastSeconds: number;
  /** Which of the moves it is on. */
  moves: number;
  offsetSeconds: number;
}

/**
 * @param mayRestart true for containers in which another recording's packets may follow without a header of their own:
 *   their clock is watched
 */
export function createRecordingClock(mayRestart: boolean): RecordingClock {
  const courses = new Map<number, Course>();
  let offsetSeconds = 0;
  let moves = 0;
  let endSeconds = -Infinity;
  let isMoved = false;
  /** Of a recording of which no packet has come yet. */
  let claimedStart: number | null = null;

  const move = (seconds: number): void => {
    offsetSeconds = seconds;
    moves += 1;
    isMoved = true;
  };

  /** The offset of a packet whose clock is watched. */
  const follow = (dtsSeconds: number, shownSeconds: number, index: number): number => {
    const course = courses.get(index) ?? { lastSeconds: dtsSeconds + offsetSeconds, moves, offsetSeconds };
    courses.set(index, course);
    const step = dtsSeconds + course.offsetSeconds - course.lastSeconds;
    if (step < -maxStepBackSeconds || step > maxStepAheadSeconds) {
      // The first stream that jumps moves the recording; the others then jump to where it is.
      const moved = dtsSeconds + offsetSeconds;
      const joins = course.moves < moves && Math.abs(moved - course.lastSeconds) < maxApartSeconds;
      if (!joins) move(endSeconds - shownSeconds);
      course.moves = moves;
      course.offsetSeconds = offsetSeconds;
    }
    course.lastSeconds = dtsSeconds + course.offsetSeconds;
    return course.offsetSeconds;
  };

  /** Demuxers' word on the start leaves out the first packet where part of it is not heard. */
  const beginWith = (shownSeconds: number, packet: Packet, stream: Stream): void => {
    if (claimedStart === null) return;
    const startSeconds = Math.min(claimedStart, shownSeconds + skippedSeconds(packet, stream));
    claimedStart = null;
    const gap = startSeconds + offsetSeconds - endSeconds;
    // At the first recording the end is infinitely far back.
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

/** What is decoded and not heard: samples at the beginning of the packet, as the first of its side data's numbers. */
function skippedSeconds(packet: Packet, { codecpar }: Stream): number {
  const skipped = packet.getSideData(AV_PKT_DATA_SKIP_SAMPLES);
  if (skipped === null || skipped.length < 4 || codecpar.sampleRate <= 0) return 0;
  return skipped.readUInt32LE(0) / codecpar.sampleRate;
}

function toTicks(seconds: number, { num, den }: Pick<Rational, "num" | "den">): bigint {
  return BigInt(Math.round((seconds * den) / num));
}
