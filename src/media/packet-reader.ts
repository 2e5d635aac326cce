import type { FormatContext, Packet, Stream } from "node-av/lib";

import { KeepsakeError } from "../errors.js";
import { toSeconds } from "./av-error.js";
import { createRecordingClock } from "./recording-clock.js";

export interface PacketReader {
  /**
   * The next packet of any stream, valid until the next call; null at the end. Damage ends a recording early. Times
   * and stream indexes are those of the first recording, whichever the packet is of.
   */
  next(): Packet | null;
  /** True where `next` must see the packets of all streams to know the times of those of one. */
  readonly needsAllStreams: boolean;
  /** Counts the recordings that packets come from. */
  readonly recording: number;
  /** The stream of the present recording that goes on `stream` of the first; it may be coded otherwise. */
  streamOf(stream: Stream): Stream | null;
  /** Told after a seek, so that the jump is not taken for another recording. Only where no clock was moved. */
  seeked(): void;
  /** True where recordings have clocks of their own, so that times depend on all packets before. */
  readonly isClockMoved: boolean;
}

export interface Recordings {
  readonly count: number;
  /** True where another recording's packets may follow without a header: `createRecordingClock`. */
  readonly mayRestart: boolean;
  /** @throws KeepsakeError `media-damaged` */
  readonly open: (index: number) => FormatContext;
}

/** Of a file that is one recording, or none but its own demuxer can take apart. */
export function createPlainReader(format: FormatContext, packet: Packet): PacketReader {
  return {
    next() {
      packet.unref();
      return format.readFrameSync(packet) < 0 ? null : packet;
    },
    needsAllStreams: false,
    recording: 0,
    streamOf: (stream) => stream,
    seeked: () => undefined,
    isClockMoved: false,
  };
}

/** Reads recordings one after another, on one clock. */
export function createJoinedReader(
  first: FormatContext,
  packet: Packet,
  { count, mayRestart, open }: Recordings,
): PacketReader {
  let clock = createRecordingClock(mayRestart);
  clock.begin(startOf(first));
  let recording = 0;
  let current = first;
  let { streams } = first;
  let firstStreams = streams;

  const openNext = (): boolean => {
    for (recording += 1; recording < count; recording += 1) {
      try {
        current = open(recording);
        ({ streams } = current);
        clock.begin(startOf(current));
        return true;
      } catch (error) {
        // What follows a whole recording and is none costs only itself.
        if (!(error instanceof KeepsakeError) || error.code !== "media-damaged") throw error;
      }
    }
    return false;
  };

  const place = (): boolean => {
    // Streams of a container without a table of them show when something of them comes.
    if (packet.streamIndex >= streams.length) ({ streams } = current);
    if (current === first) firstStreams = streams;
    const stream = streams[packet.streamIndex];
    const target = stream === undefined ? null : counterpart(stream, streams, firstStreams);
    if (stream === undefined || target === null) return false;
    if (current !== first) {
      packet.rescaleTs(stream.timeBase, target.timeBase);
      packet.streamIndex = target.index;
    }
    clock.place(packet, target);
    return true;
  };

  return {
    next() {
      for (;;) {
        packet.unref();
        if (current.readFrameSync(packet) < 0) {
          if (!openNext()) return null;
        } else if (place()) {
          return packet;
        }
      }
    },
    needsAllStreams: true,
    get recording() {
      return recording;
    },
    streamOf: (stream) => counterpart(stream, firstStreams, streams),
    seeked() {
      clock = createRecordingClock(false);
    },
    get isClockMoved() {
      return clock.isMoved || count > 1;
    },
  };
}

/** When the first of its streams begins. */
function startOf({ startTime }: FormatContext): number | null {
  return toSeconds(startTime, { num: 1, den: 1_000_000 });
}

/** The same stream of another recording: as manieth of its kind. */
function counterpart(stream: Stream, own: readonly Stream[], others: readonly Stream[]): Stream | null {
  if (own === others) return stream;
  const { codecType } = stream.codecpar;
  const ofKind = (streams: readonly Stream[]): Stream[] =>
    streams.filter(({ codecpar }) => codecpar.codecType === codecType);
  const place = ofKind(own).findIndex(({ index }) => index === stream.index);
  return ofKind(others)[place] ?? null;
}
