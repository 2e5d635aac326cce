import { AV_LOG_FATAL, AVERROR_EOF } from "node-av/constants";
import {
  Codec,
  CodecContext,
  Dictionary,
  FFmpegError,
  Log,
  Packet,
  PosixError,
  Rational,
  type Frame,
} from "node-av/lib";

import { KeepsakeError } from "../../errors.js";
import { stillDecoders } from "../allowed-codecs.js";
import { throwIfFailed } from "../av-error.js";
import type { StillLayer } from "./still-layer.js";

/** A blocking decoder: a still is decoded alone in its process, and a tile is decoded quickly. */
export interface OpenedStillDecoder extends Disposable {
  /**
   * @param tile null after the last one
   * @param index returned as the `pts` of its picture
   * @returns false when pictures must be received first
   */
  send(tile: Buffer | null, index: number): boolean;
  /** @returns false when no picture is ready */
  receive(frame: Frame): boolean;
}

const tryAgain: number = FFmpegError.AVERROR(PosixError.EAGAIN);
const threads = 2;

/** Pixels by which a coded picture may be larger than the shown one, because it consists of blocks. */
const blockPixels = 128;

/** @throws KeepsakeError `media-damaged` */
export async function openStillDecoder(layer: StillLayer): Promise<OpenedStillDecoder> {
  // FFmpeg would write lines about a damaged file; our own errors contain what matters.
  Log.setLevel(AV_LOG_FATAL);
  const name = stillDecoders[layer.codec];
  const codec = Codec.findDecoderByName(name);
  if (codec === null) throw new KeepsakeError("internal", `FFmpeg has no decoder named ${name}.`);
  const context = new CodecContext();
  const packet = new Packet();
  const close = (): void => {
    packet.free();
    context.freeContext();
  };
  context.allocContext3(codec);
  packet.alloc();
  try {
    if (layer.config !== null) context.extraData = layer.config;
    context.threadCount = threads;
    context.pktTimebase = new Rational(1, 1);
    using options = Dictionary.fromObject({
      codec_whitelist: name,
      max_pixels: (layer.tileWidth + blockPixels) * (layer.tileHeight + blockPixels),
    });
    throwIfFailed(await context.open2(codec, options), "open the photo's decoder");
  } catch (error) {
    close();
    throw error;
  }
  return {
    send(tile, index) {
      packet.unref();
      if (tile !== null) {
        packet.data = tile;
        packet.pts = BigInt(index);
      }
      const result = context.sendPacketSync(tile === null ? null : packet);
      if (result === tryAgain) return false;
      if (result < 0) throw undecodable(new Error(FFmpegError.strerror(result)));
      return true;
    },
    receive(frame) {
      const result = context.receiveFrameSync(frame);
      if (result === tryAgain || result === AVERROR_EOF) return false;
      if (result < 0) throw undecodable(new Error(FFmpegError.strerror(result)));
      if (frame.decodeErrorFlags !== 0) throw undecodable(new Error("errors were concealed"));
      return true;
    },
    [Symbol.dispose]: close,
  };
}

export function undecodable(cause?: Error): KeepsakeError {
  return new KeepsakeError(
    "media-damaged",
    "The photo is damaged or incomplete: a part of it cannot be decoded.",
    { cause },
  );
}
