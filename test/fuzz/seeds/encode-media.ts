import * as constants from "node-av/constants";
import { AV_CODEC_FLAG_GLOBAL_HEADER, AVERROR_EOF, AVFMT_FLAG_BITEXACT } from "node-av/constants";
import {
  Codec,
  CodecContext,
  Dictionary,
  FFmpegError,
  FormatContext,
  Frame,
  Log,
  Packet,
  PosixError,
  Rational,
} from "node-av/lib";

/** A small file to be made: what is in it, and in what box. */
export interface MediaPlan {
  /** FFmpeg's name of the muxer. */
  readonly container: string;
  readonly containerOptions?: Readonly<Record<string, string | number>>;
  readonly picture?: PicturePlan;
  readonly sound?: SoundPlan;
}

export interface PicturePlan {
  /** FFmpeg's name of the encoder. */
  readonly encoder: string;
  readonly options?: Readonly<Record<string, string | number>>;
  readonly pixelFormat?: keyof typeof pixelFormats;
  readonly width?: number;
  readonly height?: number;
  readonly frameCount?: number;
  readonly fps?: number;
}

export interface SoundPlan {
  readonly encoder: string;
  readonly sampleFormat: keyof typeof sampleFormats;
  readonly sampleRate?: number;
  readonly channelCount?: 1 | 2;
  readonly seconds?: number;
  readonly options?: Readonly<Record<string, string | number>>;
}

/** Writes a moving gradient and a tone. */
export async function encodeMedia(path: string, plan: MediaPlan): Promise<void> {
  Log.setLevel(constants.AV_LOG_FATAL);
  const output = new FormatContext();
  check(output.allocOutputContext2(null, plan.container, path), "the container");
  output.setFlags(AVFMT_FLAG_BITEXACT);
  const tracks: Track[] = [];
  try {
    if (plan.picture !== undefined) tracks.push(await addPictures(output, plan.picture));
    if (plan.sound !== undefined) tracks.push(await addSound(output, plan.sound));
    check(await output.openOutput(), "the file");
    using options = Dictionary.fromObject({ ...plan.containerOptions });
    check(await output.writeHeader(options), "the header");
    for (const track of tracks) await track.writeAll();
    check(await output.writeTrailer(), "the end");
  } finally {
    for (const track of tracks) track.free();
    await output.closeOutput();
    output.freeContext();
  }
}

interface Track {
  writeAll(): Promise<void>;
  free(): void;
}

async function addPictures(output: FormatContext, plan: PicturePlan): Promise<Track> {
  const { width = 64, height = 48, frameCount = 8, fps = 25, pixelFormat = "yuv420p" } = plan;
  const format = pixelFormats[pixelFormat];
  const setUp = (encoder: CodecContext): void => {
    encoder.width = width;
    encoder.height = height;
    encoder.pixelFormat = format;
    encoder.timeBase = new Rational(1, fps);
    encoder.framerate = new Rational(fps, 1);
    encoder.gopSize = 4;
  };
  return await addTrack(output, plan.encoder, plan.options, setUp, function* frames() {
    for (let index = 0; index < frameCount; index += 1) {
      const picture = paint(width, height, pixelFormat, index);
      yield Frame.fromVideoBuffer(picture, {
        width,
        height,
        format,
        timeBase: { num: 1, den: fps },
        pts: BigInt(index),
      });
    }
  });
}

async function addSound(output: FormatContext, plan: SoundPlan): Promise<Track> {
  const { sampleRate = 48_000, channelCount = 1, seconds = 0.3, sampleFormat } = plan;
  const layout = channelCount === 1 ? constants.AV_CHANNEL_LAYOUT_MONO : constants.AV_CHANNEL_LAYOUT_STEREO;
  const format = sampleFormats[sampleFormat];
  let frameSize = 0;
  const setUp = (encoder: CodecContext): void => {
    encoder.sampleRate = sampleRate;
    encoder.sampleFormat = format;
    encoder.channelLayout = layout;
    encoder.bitRate = BigInt(64_000 * channelCount);
    encoder.timeBase = new Rational(1, sampleRate);
  };
  const track = await addTrack(output, plan.encoder, plan.options, setUp, function* frames(encoder) {
    frameSize = encoder.frameSize > 0 ? encoder.frameSize : 1024;
    const total = Math.round(seconds * sampleRate);
    for (let first = 0; first + frameSize <= total; first += frameSize) {
      const data = hum(first, frameSize, channelCount, sampleRate, sampleFormat);
      yield Frame.fromAudioBuffer(data, {
        nbSamples: frameSize,
        format,
        sampleRate,
        channelLayout: layout,
        timeBase: { num: 1, den: sampleRate },
        pts: BigInt(first),
      });
    }
  });
  return track;
}

async function addTrack(
  output: FormatContext,
  name: string,
  options: Readonly<Record<string, string | number>> | undefined,
  setUp: (encoder: CodecContext) => void,
  frames: (encoder: CodecContext) => Iterable<Frame>,
): Promise<Track> {
  const codec = Codec.findEncoderByName(name as never);
  if (codec === null) throw new Error(`FFmpeg has no encoder ${name}.`);
  const encoder = new CodecContext();
  encoder.allocContext3(codec);
  setUp(encoder);
  encoder.threadCount = 1;
  encoder.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER, constants.AV_CODEC_FLAG_BITEXACT);
  using dictionary = Dictionary.fromObject({ strict: "experimental", ...options });
  check(await encoder.open2(codec, dictionary), name);
  const stream = output.newStream();
  check(stream.codecpar.fromContext(encoder), "the track");
  stream.timeBase = encoder.timeBase;
  const packet = new Packet();
  packet.alloc();
  const encode = async (frame: Frame | null): Promise<void> => {
    check(await encoder.sendFrame(frame), `encoding with ${name}`);
    for (;;) {
      const result = await encoder.receivePacket(packet);
      if (result === tryAgain || result === AVERROR_EOF) return;
      check(result, `encoding with ${name}`);
      packet.streamIndex = stream.index;
      if (packet.duration === 0n) packet.duration = 1n;
      packet.rescaleTs(encoder.timeBase, stream.timeBase);
      check(await output.interleavedWriteFrame(packet), "writing");
    }
  };
  return {
    async writeAll() {
      for (const frame of frames(encoder)) {
        await encode(frame);
        frame.free();
      }
      await encode(null);
    },
    free() {
      packet.free();
      encoder.freeContext();
    },
  };
}

const tryAgain: number = FFmpegError.AVERROR(PosixError.EAGAIN);

const pixelFormats = {
  yuv420p: constants.AV_PIX_FMT_YUV420P,
  yuvj420p: constants.AV_PIX_FMT_YUVJ420P,
  yuv422p10le: constants.AV_PIX_FMT_YUV422P10LE,
  yuv420p10le: constants.AV_PIX_FMT_YUV420P10LE,
  rgb24: constants.AV_PIX_FMT_RGB24,
  rgb555le: constants.AV_PIX_FMT_RGB555LE,
  pal8: constants.AV_PIX_FMT_PAL8,
} as const;

const sampleFormats = {
  fltp: constants.AV_SAMPLE_FMT_FLTP,
  flt: constants.AV_SAMPLE_FMT_FLT,
  u8: constants.AV_SAMPLE_FMT_U8,
  s16: constants.AV_SAMPLE_FMT_S16,
  s16p: constants.AV_SAMPLE_FMT_S16P,
  s32: constants.AV_SAMPLE_FMT_S32,
  s32p: constants.AV_SAMPLE_FMT_S32P,
} as const;

function paint(width: number, height: number, format: keyof typeof pixelFormats, frame: number): Buffer {
  if (format === "rgb24" || format === "rgb555le" || format === "pal8")
    return paintPacked(width, height, format, frame);
  const deep = format.endsWith("10le");
  const chromaHeight = format.startsWith("yuv422") ? height : height / 2;
  const planes = [
    [width, height],
    [width / 2, chromaHeight],
    [width / 2, chromaHeight],
  ] as const;
  const samples = planes.flatMap(([across, down], plane) =>
    Array.from({ length: across * down }, (_, index) => {
      const x = index % across;
      const y = Math.floor(index / across);
      return plane === 0 ? 40 + ((x * 3 + y * 2 + frame * 9) % 160) : 100 + ((x + y + frame * plane) % 60);
    }),
  );
  if (!deep) return Buffer.from(samples);
  return Buffer.from(Uint16Array.from(samples, (sample) => sample * 4).buffer);
}

function paintPacked(
  width: number,
  height: number,
  format: "rgb24" | "rgb555le" | "pal8",
  frame: number,
): Buffer {
  const grey = (index: number): number =>
    40 + (((index % width) * 3 + Math.floor(index / width) * 2 + frame * 9) % 160);
  const greys = Array.from({ length: width * height }, (_, index) => grey(index));
  if (format === "rgb24") return Buffer.from(greys.flatMap((value) => [value, 255 - value, value >> 1]));
  if (format === "rgb555le")
    return Buffer.from(Uint16Array.from(greys, (value) => (value >> 3) * 0x0421).buffer);
  // Indexes, then 256 colours of four bytes each.
  return Buffer.from([
    ...greys,
    ...Array.from({ length: 256 }, (_, value) => [value, value, value, 255]).flat(),
  ]);
}

function hum(
  first: number,
  count: number,
  channelCount: number,
  sampleRate: number,
  format: keyof typeof sampleFormats,
): Buffer {
  const at = (sample: number): number => 0.4 * Math.sin((2 * Math.PI * 440 * (first + sample)) / sampleRate);
  const planar = format.endsWith("p");
  const values = Array.from({ length: count * channelCount }, (_, index) =>
    at(planar ? index % count : Math.floor(index / channelCount)),
  );
  if (format.startsWith("flt")) return Buffer.from(Float32Array.from(values).buffer);
  if (format === "u8") return Buffer.from(values.map((value) => 128 + value * 127));
  if (format.startsWith("s16")) return Buffer.from(Int16Array.from(values, (value) => value * 32_767).buffer);
  return Buffer.from(Int32Array.from(values, (value) => value * 2_147_483_000).buffer);
}

function check(result: number, what: string): void {
  if (result < 0) throw new Error(`Making a seed file failed at ${what}: ${FFmpegError.strerror(result)}.`);
}
