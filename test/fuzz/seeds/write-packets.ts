import * as constants from "node-av/constants";
import { FFmpegError, FormatContext, Packet, Rational } from "node-av/lib";

/** A video track whose packets were made by hand, as for a coding of which there is only a decoder. */
export interface PacketPlan {
  /** FFmpeg's name of the muxer. */
  readonly container: string;
  readonly codecId: constants.AVCodecID;
  /** Four characters. */
  readonly codecTag: string;
  readonly extraData?: Buffer;
  readonly width: number;
  readonly height: number;
  readonly packets: readonly Buffer[];
}

/** Writes packets as they are into a container, 25 a second. */
export async function writePackets(path: string, plan: PacketPlan): Promise<void> {
  const output = new FormatContext();
  check(output.allocOutputContext2(null, plan.container, path), "the container");
  output.setFlags(constants.AVFMT_FLAG_BITEXACT);
  const packet = new Packet();
  packet.alloc();
  try {
    const stream = output.newStream();
    const { codecpar } = stream;
    codecpar.codecType = constants.AVMEDIA_TYPE_VIDEO;
    codecpar.codecId = plan.codecId;
    codecpar.codecTag = plan.codecTag;
    codecpar.width = plan.width;
    codecpar.height = plan.height;
    codecpar.bitsPerCodedSample = 24;
    if (plan.extraData !== undefined) codecpar.extradata = plan.extraData;
    stream.timeBase = new Rational(1, 25);
    check(await output.openOutput(), "the file");
    check(await output.writeHeader(), "the header");
    for (const [index, data] of plan.packets.entries()) {
      packet.unref();
      packet.data = data;
      packet.streamIndex = stream.index;
      packet.pts = BigInt(index);
      packet.dts = packet.pts;
      packet.duration = 1n;
      packet.setFlags(constants.AV_PKT_FLAG_KEY);
      packet.rescaleTs(new Rational(1, 25), stream.timeBase);
      check(await output.interleavedWriteFrame(packet), "writing");
    }
    check(await output.writeTrailer(), "the end");
  } finally {
    packet.free();
    await output.closeOutput();
    output.freeContext();
  }
}

function check(result: number, what: string): void {
  if (result < 0) throw new Error(`Writing packets failed at ${what}: ${FFmpegError.strerror(result)}.`);
}
