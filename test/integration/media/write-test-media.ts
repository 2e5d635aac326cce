/** Writes media files in any container and coding that FFmpeg can write, of the test picture and the test tone. */
import {
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_PICTURE_TYPE_NONE,
  AVFMT_GLOBALHEADER,
  AVERROR_EOF,
  type AVPixelFormat,
  type AVSampleFormat,
  type FFEncoderCodec,
} from "node-av/constants";
import {
  avChannelLayoutDefault,
  avGetPixFmtFromName,
  avGetSampleFmtFromName,
  Codec,
  CodecContext,
  Dictionary,
  FFmpegError,
  FormatContext,
  Frame,
  Packet,
  PosixError,
  Rational,
  type Stream,
} from "node-av/lib";

import { openFilterGraph } from "../../../dist/media/open-filter-graph.js";
import { flashEndSeconds, flashSeconds, quarters, testHeight, testWidth, toneFrame } from "./test-signal.js";

type Options = Readonly<Record<string, string | number>>;

export interface TestMedia {
  /** FFmpeg's name of the muxer. */
  readonly container: string;
  readonly muxer?: Options;
  /** The metadata of the file, by FFmpeg's names. */
  readonly metadata?: Readonly<Record<string, string>>;
  readonly seconds?: number;
  readonly video?: TestVideo;
  readonly sound?: TestSound;
}

export interface TestVideo {
  readonly encoder: string;
  readonly pixels?: string;
  readonly options?: Options;
  readonly width?: number;
  readonly height?: number;
  readonly fps?: number;
  /** Filters between the test picture and the encoder. */
  readonly filters?: string;
  /** The conversion to luma and chroma. Default: BT.601, limited range. */
  readonly matrix?: "bt709" | "smpte170m";
  readonly range?: "tv" | "pc";
  /** Ticks of 1/1000 s at which picture n is shown, where it is not n ÷ fps. */
  readonly ticks?: (index: number) => number;
  /** Returns the duration, in ticks, that the picture of this tick has. */
  readonly durations?: (ticks: number) => number;
  /** The pictures to encode instead of the test picture. */
  readonly frame?: (index: number) => Frame;
  /** Said of every frame and of the stream. */
  readonly describe?: (target: Frame | CodecContext) => void;
  readonly describeStream?: (stream: Stream) => void;
}

export interface TestSound {
  readonly encoder: string;
  readonly format?: string;
  readonly sampleRate?: number;
  readonly channels?: number;
  readonly options?: Options;
  /** Filters between the test sound (48 kHz stereo) and the encoder. */
  readonly filters?: string;
  readonly delaySeconds?: number;
  /** The bit rate of each channel. */
  readonly bitsPerSecond?: number;
  /** The sound instead of the test sound, by time in seconds, the same on both sides. */
  readonly signal?: (seconds: number) => number;
  /** Gaps in the timestamps: how much later than encoded what begins at this second is heard. */
  readonly gapSeconds?: (seconds: number) => number;
}

const again: number = FFmpegError.AVERROR(PosixError.EAGAIN);

export async function writeTestMedia(path: string, media: TestMedia): Promise<void> {
  const output = new FormatContext();
  check(output.allocOutputContext2(null, media.container, path));
  const seconds = media.seconds ?? 2;
  const globalHeader = (output.oformat?.flags ?? 0) & AVFMT_GLOBALHEADER;
  const video =
    media.video === undefined ? null : await openPictures(output, media.video, seconds, globalHeader !== 0);
  const sound =
    media.sound === undefined ? null : await openSound(output, media.sound, seconds, globalHeader !== 0);
  if (media.metadata !== undefined) output.metadata = Dictionary.fromObject({ ...media.metadata });
  check(await output.openOutput());
  using options = Dictionary.fromObject({ ...media.muxer });
  check(await output.writeHeader(options));
  for (let at = 0; at < seconds; at += 0.1) {
    await video?.writeUntil(at + 0.1);
    await sound?.writeUntil(at + 0.1);
  }
  await video?.end();
  await sound?.end();
  check(await output.writeTrailer());
  await output.closeOutput();
  output.freeContext();
}

interface Track {
  writeUntil(seconds: number): Promise<void>;
  end(): Promise<void>;
}

async function openPictures(
  output: FormatContext,
  video: TestVideo,
  seconds: number,
  globalHeader: boolean,
): Promise<Track> {
  const { fps = 25, width = testWidth, height = testHeight, pixels = "yuv420p" } = video;
  const pixelFormat = must(avGetPixFmtFromName(pixels), pixels);
  const timeBase = video.ticks === undefined ? new Rational(1, fps) : new Rational(1, 1000);
  const encoder = await openEncoder(output, video.encoder, video.options ?? {}, globalHeader, (context) => {
    context.width = width;
    context.height = height;
    context.pixelFormat = pixelFormat;
    context.timeBase = timeBase;
    context.framerate = new Rational(fps, 1);
    context.gopSize = fps;
    context.bitRate = 4_000_000n;
    video.describe?.(context);
  });
  video.describeStream?.(encoder.stream);
  const { durations } = video;
  if (durations !== undefined)
    encoder.onPacket = (packet) => {
      packet.duration = BigInt(durations(Number(packet.pts)));
    };
  const dark = quarters(false);
  const bright = quarters(true);
  const filters = `${video.filters ?? "null"},scale=${width}:${height}:out_color_matrix=${video.matrix ?? "smpte170m"}:out_range=${video.range ?? "tv"},format=${pixels}`;
  using convert = {
    graph: openFilterGraph(dark, { num: 1, den: 1 }, filters),
    [Symbol.dispose]: () => undefined,
  };
  const { graph } = convert;
  const count = Math.round(seconds * fps);
  let index = 0;
  const next = (): Frame => {
    if (video.frame !== undefined) return video.frame(index);
    const isFlash = index / fps >= flashSeconds - 1e-6 && index / fps < flashEndSeconds - 1e-6;
    graph.pushNow(isFlash ? bright : dark);
    const frame = new Frame();
    frame.alloc();
    if (!graph.pullNow(frame)) throw new Error("no picture came out of the filters");
    return frame;
  };
  const writeUntil = async (until: number): Promise<void> => {
    for (; index < count && index / fps < until - 1e-6; index += 1) {
      using frame = next();
      frame.pts = BigInt(video.ticks?.(index) ?? index);
      frame.timeBase = timeBase;
      frame.pictType = AV_PICTURE_TYPE_NONE;
      video.describe?.(frame);
      await encoder.encode(frame);
    }
  };
  return {
    writeUntil,
    async end() {
      await writeUntil(Number.POSITIVE_INFINITY);
      await encoder.encode(null);
      graph[Symbol.dispose]();
      dark.free();
      bright.free();
    },
  };
}

async function openSound(
  output: FormatContext,
  sound: TestSound,
  seconds: number,
  globalHeader: boolean,
): Promise<Track> {
  const { sampleRate = 48_000, channels = 2, format = "fltp", delaySeconds = 0 } = sound;
  const sampleFormat = must(avGetSampleFmtFromName(format), format);
  const timeBase = new Rational(1, sampleRate);
  const encoder = await openEncoder(output, sound.encoder, sound.options ?? {}, globalHeader, (context) => {
    context.sampleRate = sampleRate;
    context.sampleFormat = sampleFormat;
    context.channelLayout = avChannelLayoutDefault(channels);
    context.timeBase = timeBase;
    context.bitRate = BigInt((sound.bitsPerSecond ?? 64_000) * channels);
  });
  const pieceSamples = 4800;
  using like = toneFrame(0, pieceSamples, sound.signal);
  const filters = [
    sound.filters ?? "anull",
    `aresample=${sampleRate}`,
    `aformat=sample_fmts=${format}:channel_layouts=0x${avChannelLayoutDefault(channels).mask.toString(16)}`,
    `asetnsamples=n=${encoder.frameSize || 1024}:p=0`,
  ].join(",");
  const graph = openFilterGraph(like, { num: 1, den: 48_000 }, filters);
  const count = Math.round(seconds * 48_000);
  let at = 0;
  const drain = async (): Promise<void> => {
    using frame = new Frame();
    frame.alloc();
    while (graph.pullNow(frame)) {
      const gapSeconds = sound.gapSeconds?.(Number(frame.pts) / sampleRate) ?? 0;
      frame.pts += BigInt(Math.round((delaySeconds + gapSeconds) * sampleRate));
      await encoder.encode(frame);
    }
  };
  const writeUntil = async (until: number): Promise<void> => {
    while (at < count && at / 48_000 < until - 1e-6) {
      using frame = toneFrame(at, Math.min(pieceSamples, count - at), sound.signal);
      at += frame.nbSamples;
      graph.pushNow(frame);
      await drain();
    }
  };
  return {
    writeUntil,
    async end() {
      await writeUntil(Number.POSITIVE_INFINITY);
      graph.pushNow(null);
      await drain();
      await encoder.encode(null);
      graph[Symbol.dispose]();
    },
  };
}

interface Encoder {
  readonly stream: Stream;
  readonly frameSize: number;
  /** Called with each packet before it is written. */
  onPacket?: (packet: Packet) => void;
  encode(frame: Frame | null): Promise<void>;
}

async function openEncoder(
  output: FormatContext,
  name: string,
  settings: Options,
  globalHeader: boolean,
  configure: (context: CodecContext) => void,
): Promise<Encoder> {
  const codec = must(Codec.findEncoderByName(name as FFEncoderCodec), name);
  const context = new CodecContext();
  context.allocContext3(codec);
  configure(context);
  if (globalHeader) context.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER);
  using options = Dictionary.fromObject({ strict: "experimental", ...settings });
  check(await context.open2(codec, options));
  const stream = output.newStream();
  check(stream.codecpar.fromContext(context));
  stream.timeBase = context.timeBase;
  stream.avgFrameRate = context.framerate;
  const packet = new Packet();
  packet.alloc();
  const encoder: Encoder = {
    stream,
    frameSize: context.frameSize,
    async encode(frame) {
      check(context.sendFrameSync(frame));
      for (;;) {
        const result = context.receivePacketSync(packet);
        if (result === again || result === AVERROR_EOF) break;
        check(result);
        packet.streamIndex = stream.index;
        encoder.onPacket?.(packet);
        packet.rescaleTs(context.timeBase, stream.timeBase);
        check(await output.interleavedWriteFrame(packet));
      }
      if (frame !== null) return;
      packet.free();
      context.freeContext();
    },
  };
  return encoder;
}

function check(result: number): void {
  if (result < 0) throw new Error(FFmpegError.strerror(result));
}

function must<Found extends Codec | AVPixelFormat | AVSampleFormat>(
  found: Found | null,
  name: string,
): Found {
  if (found === null) throw new Error(`FFmpeg has nothing named ${name}.`);
  return found;
}
