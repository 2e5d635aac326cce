import {
  AV_CODEC_ID_H264,
  AV_PIX_FMT_YUV420P,
  AV_PROFILE_H264_HIGH,
  AVCOL_PRI_BT709,
  AVCOL_RANGE_MPEG,
  AVCOL_SPC_BT709,
  AVCOL_TRC_BT709,
} from "node-av/constants";
import { Frame, type Stream } from "node-av/lib";

import { decoderLimits } from "../decoder-limits.js";
import { openFilmFrames } from "./open-film-frames.js";
import { frameSeconds } from "../open-frames.js";

export interface FilmPicture {
  /** "h264 High yuv420p 1920x1080 bt709/bt709/bt709 limited": codec, profile, pixels, size, matrix, primaries, transfer, range. */
  readonly format: string;
  /** Time at which the picture is shown. */
  readonly seconds: number;
  readonly width: number;
  readonly height: number;
  /** Y, U and V, valid until the next picture is requested. */
  readonly planes: readonly Uint8Array[];
  /** Bytes from one row to the next, by plane. */
  readonly strides: readonly number[];
}

export interface FilmPicturesOptions {
  readonly streamIndex: number;
  readonly threads: number;
  /** Begins at the last key picture at or before this time instead of at the start. */
  readonly fromSeconds?: number;
}

/**
 * Decodes the pictures of one of our films, in the order they are shown.
 *
 * @throws KeepsakeError `film-damaged`
 */
export async function* decodeFilmPictures(
  path: string,
  { streamIndex, threads, fromSeconds }: FilmPicturesOptions,
): AsyncGenerator<FilmPicture> {
  await using frames = await openFilmFrames(
    { path, demuxer: "mov", streamIndex },
    { ...decoderLimits, threads },
  );
  if (fromSeconds !== undefined) frames.seek(fromSeconds);
  using frame = new Frame();
  frame.alloc();
  while (frames.next(frame)) {
    yield {
      format: describe(frame, frames.stream),
      seconds: frameSeconds(frame, frames.stream) ?? Number.NaN,
      width: frame.width,
      height: frame.height,
      planes: frame.data ?? [],
      strides: frame.linesize,
    };
  }
}

function describe(frame: Frame, { codecpar }: Stream): string {
  const name = (isExpected: boolean, expected: string): string => (isExpected ? expected : "other");
  return [
    name(codecpar.codecId === AV_CODEC_ID_H264, "h264"),
    name(codecpar.profile === AV_PROFILE_H264_HIGH, "High"),
    name(frame.format === AV_PIX_FMT_YUV420P, "yuv420p"),
    `${frame.width}x${frame.height}`,
    [
      name(frame.colorSpace === AVCOL_SPC_BT709, "bt709"),
      name(frame.colorPrimaries === AVCOL_PRI_BT709, "bt709"),
      name(frame.colorTrc === AVCOL_TRC_BT709, "bt709"),
    ].join("/"),
    name(frame.colorRange === AVCOL_RANGE_MPEG, "limited"),
  ].join(" ");
}
