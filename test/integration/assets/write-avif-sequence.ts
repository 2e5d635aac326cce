import { AV_LOG_ERROR, AV_PIX_FMT_YUV420P, AVCOL_RANGE_MPEG, FF_ENCODER_LIBSVTAV1 } from "node-av/constants";
import {
  Codec,
  CodecContext,
  Dictionary,
  FFmpegError,
  FormatContext,
  Frame,
  Log,
  Packet,
  Rational,
} from "node-av/lib";

/** A moving AVIF (brand `avis`), ten pictures a second of one grey each. */
export async function writeAvifSequence(file: string, greys: readonly number[]): Promise<void> {
  const [width, height] = [128, 96];
  Log.setLevel(AV_LOG_ERROR);
  const ok = (result: number, what: string): void => FFmpegError.throwIfError(result, what);
  const codec = Codec.findEncoderByName(FF_ENCODER_LIBSVTAV1);
  if (codec === null) throw new Error("no AV1 encoder");
  const encoder = new CodecContext();
  encoder.allocContext3(codec);
  encoder.width = width;
  encoder.height = height;
  encoder.pixelFormat = AV_PIX_FMT_YUV420P;
  encoder.timeBase = new Rational(1, 10);
  encoder.framerate = new Rational(10, 1);
  encoder.colorRange = AVCOL_RANGE_MPEG;
  using options = Dictionary.fromObject({ preset: 10, crf: 20 });
  ok(await encoder.open2(codec, options), "open");
  const output = new FormatContext();
  ok(output.allocOutputContext2(null, "avif", file), "set up");
  const stream = output.newStream();
  ok(stream.codecpar.fromContext(encoder), "describe");
  stream.timeBase = encoder.timeBase;
  ok(await output.openOutput(), "create");
  ok(await output.writeHeader(null), "begin");
  const packet = new Packet();
  packet.alloc();
  for (const [index, grey] of [...greys, null].entries()) {
    if (grey === null) ok(await encoder.sendFrame(null), "drain");
    else {
      const i420 = Buffer.alloc(width * height * 1.5, 128).fill(grey, 0, width * height);
      const size = { width, height, format: AV_PIX_FMT_YUV420P };
      using frame = Frame.fromVideoBuffer(i420, {
        ...size,
        timeBase: { num: 1, den: 10 },
        pts: BigInt(index),
      });
      frame.colorRange = AVCOL_RANGE_MPEG;
      ok(await encoder.sendFrame(frame), "send");
    }
    while ((await encoder.receivePacket(packet)) >= 0) {
      packet.streamIndex = stream.index;
      packet.duration = 1n;
      packet.rescaleTs(encoder.timeBase, stream.timeBase);
      ok(await output.interleavedWriteFrame(packet), "write");
    }
  }
  ok(await output.writeTrailer(), "complete");
  packet.free();
  encoder.freeContext();
  await output.closeOutput();
  output.freeContext();
}
