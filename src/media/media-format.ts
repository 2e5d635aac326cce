import {
  AV_CHANNEL_LAYOUT_MONO,
  AV_CHANNEL_LAYOUT_STEREO,
  AV_PIX_FMT_YUV420P,
  AV_SAMPLE_FMT_FLT,
  AV_SAMPLE_FMT_FLTP,
  AVCOL_PRI_BT709,
  AVCOL_RANGE_MPEG,
  AVCOL_SPC_BT709,
  AVCOL_TRC_BT709,
  FF_ENCODER_AAC,
  FF_ENCODER_LIBOPUS,
  FF_ENCODER_LIBX264,
  FF_ENCODER_LIBX265,
  type AVSampleFormat,
  type FFEncoderCodec,
} from "node-av/constants";
import { Frame, Rational, type ChannelLayout, type CodecContext } from "node-av/lib";

/** Format of a file that `openMediaWriter` writes. */
export interface MediaFormat {
  readonly container: "mp4" | "ogg";
  readonly picture: PictureFormat | null;
  readonly sound: SoundFormat;
}

export interface PictureFormat {
  /** Size as coded, before the player rotates it. */
  readonly width: number;
  readonly height: number;
  /** Frames per second; each picture is shown for a whole number of frames. */
  readonly fps: number;
  /** Default: H.264. */
  readonly codec?: "h264" | "hevc";
  /** Constant rate factor of x264 or x265. */
  readonly crf: number;
  /** Written as the display matrix: by how much the player rotates the picture clockwise. */
  readonly rotationDegrees: 0 | 90;
}

export interface SoundFormat {
  readonly codec: "aac" | "opus";
  readonly sampleRate: number;
  readonly channelCount: 1 | 2;
  readonly bitsPerSecond: number;
}

/** Parameters of an encoder. */
export interface EncoderSetup {
  readonly name: FFEncoderCodec;
  readonly options: Readonly<Record<string, string | number>>;
  readonly configure: (context: CodecContext) => void;
}

/** The number of threads is fixed because x264's rate control depends on it. */
const pictureThreads = 2;

export function pictureEncoder(format: PictureFormat): EncoderSetup {
  const { crf } = format;
  const preset = "veryfast";
  return {
    ...(format.codec === "hevc"
      ? { name: FF_ENCODER_LIBX265, options: { preset, crf, "x265-params": "log-level=error" } }
      : { name: FF_ENCODER_LIBX264, options: { preset, crf, profile: "high" } }),
    configure(context) {
      context.width = format.width;
      context.height = format.height;
      context.pixelFormat = AV_PIX_FMT_YUV420P;
      context.timeBase = new Rational(1, format.fps);
      context.framerate = new Rational(format.fps, 1);
      context.threadCount = pictureThreads;
      context.colorRange = AVCOL_RANGE_MPEG;
      context.colorSpace = AVCOL_SPC_BT709;
      context.colorPrimaries = AVCOL_PRI_BT709;
      context.colorTrc = AVCOL_TRC_BT709;
    },
  };
}

export function soundEncoder(format: SoundFormat): EncoderSetup {
  return {
    name: format.codec === "aac" ? FF_ENCODER_AAC : FF_ENCODER_LIBOPUS,
    options: format.codec === "aac" ? {} : { application: "voip" },
    configure(context) {
      context.sampleRate = format.sampleRate;
      context.sampleFormat = sampleFormat(format);
      context.channelLayout = channelLayout(format);
      context.bitRate = BigInt(format.bitsPerSecond);
      context.timeBase = new Rational(1, format.sampleRate);
    },
  };
}

/** @param i420 Y, U and V, tightly packed, in the coded size */
export function pictureFrame(i420: Uint8Array, format: PictureFormat, index: number): Frame {
  const frame = Frame.fromVideoBuffer(Buffer.from(i420.buffer, i420.byteOffset, i420.byteLength), {
    width: format.width,
    height: format.height,
    format: AV_PIX_FMT_YUV420P,
    timeBase: { num: 1, den: format.fps },
    pts: BigInt(index),
  });
  frame.colorRange = AVCOL_RANGE_MPEG;
  frame.colorSpace = AVCOL_SPC_BT709;
  frame.colorPrimaries = AVCOL_PRI_BT709;
  frame.colorTrc = AVCOL_TRC_BT709;
  return frame;
}

/** @param interleaved whole sample frames */
export function soundFrame(interleaved: Float32Array, format: SoundFormat, firstSample: number): Frame {
  const samples = format.codec === "aac" ? toPlanes(interleaved, format.channelCount) : interleaved;
  return Frame.fromAudioBuffer(Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength), {
    nbSamples: interleaved.length / format.channelCount,
    format: sampleFormat(format),
    sampleRate: format.sampleRate,
    channelLayout: channelLayout(format),
    timeBase: { num: 1, den: format.sampleRate },
    pts: BigInt(firstSample),
  });
}

function sampleFormat(format: SoundFormat): AVSampleFormat {
  return format.codec === "aac" ? AV_SAMPLE_FMT_FLTP : AV_SAMPLE_FMT_FLT;
}

function channelLayout(format: SoundFormat): ChannelLayout {
  return format.channelCount === 1 ? AV_CHANNEL_LAYOUT_MONO : AV_CHANNEL_LAYOUT_STEREO;
}

function toPlanes(interleaved: Float32Array, channelCount: number): Float32Array {
  const planes = new Float32Array(interleaved.length);
  const planeLength = interleaved.length / channelCount;
  for (let i = 0; i < interleaved.length; i += 1) {
    planes[(i % channelCount) * planeLength + Math.floor(i / channelCount)] = interleaved[i] as number;
  }
  return planes;
}
