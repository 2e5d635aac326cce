/**
 * Encodes frames of a film with libx264 into an MP4 of one track. Segments with the same settings have the same parameter
 * sets, begin with a key frame and never refer to pictures of other segments, so they can be joined byte for byte.
 */
import {
  AV_CODEC_FLAG_CLOSED_GOP,
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_PIX_FMT_YUV420P,
  AVERROR_EOF,
  AVFMT_FLAG_BITEXACT,
  FF_ENCODER_LIBX264,
} from "node-av/constants";
import {
  Codec,
  CodecContext,
  Dictionary,
  FFmpegError,
  FormatContext,
  Packet,
  PosixError,
  Rational,
  type Frame,
  type Stream,
} from "node-av/lib";

import { KeepsakeError } from "../../errors.js";
import { throwIfFailed } from "../av-error.js";
import { PaintedFrame } from "./painted-frame.js";
import { tagFilmColours } from "./tag-film-colours.js";

export interface VideoEncoderOptions {
  /** Path of the MP4 to write. */
  readonly path: string;
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly preset: string;
  readonly crf: number;
  /** Frames from one key frame to the next. */
  readonly gopFrames: number;
  /** Number of threads; the same frames make the same bytes only with the same number. */
  readonly threads: number;
}

const tryAgain: number = FFmpegError.AVERROR(PosixError.EAGAIN);

/** @throws KeepsakeError `media-library-failed` */
export async function openVideoEncoder(options: VideoEncoderOptions): Promise<VideoEncoder> {
  const codec = Codec.findEncoderByName(FF_ENCODER_LIBX264);
  if (codec === null) throw new KeepsakeError("media-library-failed", "The media library has no x264.");
  const context = new CodecContext();
  const output = new FormatContext();
  try {
    context.allocContext3(codec);
    configure(context, options);
    using settings = Dictionary.fromObject(x264Settings(options));
    check(await context.open2(codec, settings), "open the video encoder");
    check(output.allocOutputContext2(null, "mp4", options.path), "set up a segment");
    output.setFlags(AVFMT_FLAG_BITEXACT);
    const stream = output.newStream();
    check(stream.codecpar.fromContext(context), "describe a segment");
    stream.timeBase = context.timeBase;
    stream.avgFrameRate = context.framerate;
    check(await output.openOutput(), "create a segment's file");
    check(await output.writeHeader(null), "write a segment's header");
    return new VideoEncoder(context, output, stream, options);
  } catch (error) {
    context.freeContext();
    output.freeContext();
    throw error;
  }
}

function configure(
  context: CodecContext,
  { width, height, fps, gopFrames, threads }: VideoEncoderOptions,
): void {
  context.width = width;
  context.height = height;
  context.pixelFormat = AV_PIX_FMT_YUV420P;
  context.timeBase = new Rational(1, fps);
  context.framerate = new Rational(fps, 1);
  context.sampleAspectRatio = new Rational(1, 1);
  context.gopSize = gopFrames;
  context.threadCount = threads;
  tagFilmColours(context);
  context.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER, AV_CODEC_FLAG_CLOSED_GOP);
}

/**
 * Options of x264: key frames only on the grid (a film of slow dissolves has few hard cuts, and for those in clips single
 * intra blocks are enough), more bits for dark flat areas, where banding is visible first, and headers that do not depend on
 * the content.
 *
 * `cpu-independent` makes the bytes depend on the frames alone. Without it x264 (builds 164 and 165) runs
 * `mbtree_propagate_list_avx512`, which processes macroblocks eight at a time and does not mask those past the end of a
 * row: in pictures whose width is not a multiple of 128 pixels it adds up to seven values that an earlier frame left
 * in the reused memory, and which memory is reused depends on how threads are scheduled. `sync-lookahead=0` and a
 * single thread only make that order repeat. The setting also makes x264 choose the same algorithms on every processor;
 * no difference in CPU time was measurable, and films grow by 0.1 to 0.3 %.
 */
function x264Settings({ preset, crf, gopFrames }: VideoEncoderOptions): Record<string, string | number> {
  return {
    preset,
    crf,
    profile: "high",
    "x264-params": `scenecut=0:keyint=${gopFrames}:min-keyint=1:open-gop=0:aq-mode=3:stitchable=1:cpu-independent=1`,
  };
}

export class VideoEncoder implements AsyncDisposable {
  readonly #context: CodecContext;
  readonly #output: FormatContext;
  readonly #stream: Stream;
  readonly #frame: PaintedFrame;
  readonly #packet = new Packet();
  #frameCount = 0;
  #sending: Promise<void> = Promise.resolve();

  constructor(context: CodecContext, output: FormatContext, stream: Stream, options: VideoEncoderOptions) {
    this.#context = context;
    this.#output = output;
    this.#stream = stream;
    this.#frame = new PaintedFrame(options.width, options.height);
    this.#packet.alloc();
  }

  /**
   * Encodes the next frame: waits for the previous frame, copies the picture, and returns while another thread encodes
   * it and the caller paints the next one.
   *
   * @param i420 Y, U and V, tightly packed, BT.709 limited range
   */
  async encode(i420: Uint8Array): Promise<void> {
    await this.#sending;
    this.#frame.fill(i420, this.#frameCount);
    this.#frameCount += 1;
    this.#sending = this.#send(this.#frame.frame);
    // The next call that awaits it reports a failure.
    this.#sending.catch(() => undefined);
  }

  /** Encodes the remaining frames and completes the file. */
  async finish(): Promise<void> {
    await this.#sending;
    await this.#send(null);
    check(await this.#output.writeTrailer(), "complete a segment");
  }

  async #send(frame: Frame | null): Promise<void> {
    check(await this.#context.sendFrame(frame), "encode a frame");
    for (;;) {
      // While frames are sent, a packet is ready at once; at the end it must still be encoded.
      const result =
        frame === null
          ? await this.#context.receivePacket(this.#packet)
          : this.#context.receivePacketSync(this.#packet);
      if (result === tryAgain || result === AVERROR_EOF) return;
      check(result, "encode a frame");
      this.#packet.streamIndex = this.#stream.index;
      // x264 sets no duration, and the last picture would not be shown.
      this.#packet.duration = 1n;
      this.#packet.rescaleTs(this.#context.timeBase, this.#stream.timeBase);
      check(this.#output.writeFrameSync(this.#packet), "write to a segment");
      this.#packet.unref();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#sending.catch(() => undefined);
    this.#frame[Symbol.dispose]();
    this.#packet.free();
    this.#context.freeContext();
    await this.#output.closeOutput();
    this.#output.freeContext();
  }
}

function check(result: number, doing: string): number {
  return throwIfFailed(result, doing, "media-library-failed");
}
