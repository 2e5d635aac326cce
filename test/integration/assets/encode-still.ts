import {
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_LOG_ERROR,
  AV_PIX_FMT_RGB24,
  AVCOL_RANGE_JPEG,
  AVCOL_SPC_BT709,
  AVCOL_SPC_RGB,
  type AVColorPrimaries,
  type AVColorSpace,
  type AVColorTransferCharacteristic,
  type AVPixelFormat,
  type FFEncoderCodec,
} from "node-av/constants";
import { Codec, CodecContext, Dictionary, FFmpegError, Frame, Log, Packet, Rational } from "node-av/lib";
import type { AVColorRange } from "node-av/constants";

import { openFilterGraph } from "../../../dist/media/open-filter-graph.js";
import { box, uint } from "./heif-file.js";

export interface Pixels {
  readonly data: Buffer;
  readonly width: number;
  readonly height: number;
}

export interface StillCoding {
  readonly codec: FFEncoderCodec;
  readonly options?: Readonly<Record<string, string | number>>;
  readonly pixelFormat: AVPixelFormat;
  /** FFmpeg's name of the same. */
  readonly formatName: string;
  readonly matrix?: AVColorSpace;
  readonly range?: AVColorRange;
  readonly primaries?: AVColorPrimaries;
  readonly transfer?: AVColorTransferCharacteristic;
}

export interface CodedStill {
  readonly data: Buffer;
  /** Parameter sets apart from the data, where a codec has such. */
  readonly header: Buffer;
}

/** One picture as FFmpeg's encoders store it. */
export async function encodeStill(rgb: Pixels, coding: StillCoding): Promise<CodedStill> {
  Log.setLevel(AV_LOG_ERROR);
  const { matrix = AVCOL_SPC_BT709, range = AVCOL_RANGE_JPEG } = coding;
  const source = Frame.fromVideoBuffer(rgb.data, {
    width: rgb.width,
    height: rgb.height,
    format: AV_PIX_FMT_RGB24,
    timeBase: { num: 1, den: 1 },
    pts: 0n,
  });
  source.colorRange = AVCOL_RANGE_JPEG;
  source.colorSpace = AVCOL_SPC_RGB;
  const frame = new Frame();
  frame.alloc();
  const isRgb = /^(rgb|rgba|gbr)/.test(coding.formatName);
  const conversion = isRgb
    ? `format=${coding.formatName}`
    : `scale=flags=accurate_rnd+full_chroma_int:out_color_matrix=${matrix === AVCOL_SPC_BT709 ? "bt709" : matrix === 9 ? "bt2020" : "bt601"}:out_range=${range === AVCOL_RANGE_JPEG ? "pc" : "tv"},format=${coding.formatName}`;
  using graph = openFilterGraph(source, { num: 1, den: 1 }, conversion);
  await graph.push(source);
  if (!(await graph.pull(frame))) throw new Error("nothing to encode");
  const codec = Codec.findEncoderByName(coding.codec);
  if (codec === null) throw new Error(`no encoder ${coding.codec}`);
  const context = new CodecContext();
  context.allocContext3(codec);
  context.width = rgb.width;
  context.height = rgb.height;
  context.pixelFormat = coding.pixelFormat;
  context.timeBase = new Rational(1, 1);
  context.colorRange = range;
  context.colorSpace = isRgb ? AVCOL_SPC_RGB : matrix;
  if (coding.primaries !== undefined) context.colorPrimaries = frame.colorPrimaries = coding.primaries;
  if (coding.transfer !== undefined) context.colorTrc = frame.colorTrc = coding.transfer;
  frame.colorRange = range;
  frame.colorSpace = isRgb ? AVCOL_SPC_RGB : matrix;
  context.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER);
  using options = Dictionary.fromObject(coding.options ?? {});
  FFmpegError.throwIfError(await context.open2(codec, options), "open");
  const header = Buffer.from(context.extraData ?? Buffer.alloc(0));
  FFmpegError.throwIfError(await context.sendFrame(frame), "send");
  FFmpegError.throwIfError(await context.sendFrame(null), "drain");
  const packet = new Packet();
  packet.alloc();
  const parts: Buffer[] = [];
  while ((await context.receivePacket(packet)) >= 0) parts.push(Buffer.from(packet.data ?? Buffer.alloc(0)));
  packet.free();
  context.freeContext();
  frame.free();
  source.free();
  return { data: Buffer.concat(parts), header };
}

function splitNals(annexB: Buffer): Buffer[] {
  const nals: Buffer[] = [];
  let start = -1;
  for (let at = 0; at + 3 <= annexB.length; at += 1) {
    if (annexB[at] !== 0 || annexB[at + 1] !== 0 || annexB[at + 2] !== 1) continue;
    if (start >= 0) nals.push(annexB.subarray(start, annexB[at - 1] === 0 ? at - 1 : at));
    start = at + 3;
  }
  if (start >= 0) nals.push(annexB.subarray(start));
  return nals;
}

/** Box `hvcC` (ISO/IEC 14496-15, 8.3.2) of x265's header, and its picture with lengths instead of start codes. */
export function toHevcItem({ data, header }: CodedStill): { config: Buffer; data: Buffer } {
  const sets = splitNals(header);
  const arrays = sets.map((nal) =>
    Buffer.concat([uint(0x80 | (((nal[0] ?? 0) >> 1) & 63), 1), uint(1, 2), uint(nal.length, 2), nal]),
  );
  const fixed = Buffer.alloc(22);
  fixed[0] = 1;
  fixed[21] = 3;
  return {
    config: box("hvcC", fixed, uint(arrays.length, 1), ...arrays),
    data: Buffer.concat(splitNals(data).flatMap((nal) => [uint(nal.length, 4), nal])),
  };
}

/** Box `av1C` of 4:2:0 or as its three bytes say; the sequence header is in the data. */
export const av1Config = box("av1C", Buffer.from([0x81, 0x20, 0x0c, 0]));
