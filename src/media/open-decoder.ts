import {
  AV_CODEC_ID_VP8,
  AV_CODEC_ID_VP9,
  AVERROR_EOF,
  FF_DECODER_LIBVPX_VP8,
  FF_DECODER_LIBVPX_VP9,
  type AVCodecID,
  type FFDecoderCodec,
} from "node-av/constants";
import {
  Codec,
  CodecContext,
  FFmpegError,
  PosixError,
  type Frame,
  type Packet,
  type Rational,
  type Stream,
} from "node-av/lib";

import { KeepsakeError } from "../errors.js";
import { allowedDecoders, codecWhitelist } from "./allowed-codecs.js";
import { throwIfFailed } from "./av-error.js";

/**
 * One decoder; packets in, frames out, several of either for one of the other. It works on the caller's thread: a turn
 * through the thread pool costs more than most frames do, and a child has nothing else to do meanwhile.
 */
export interface OpenedDecoder extends Disposable {
  /** Null drains at the end of the stream. Damaged packets are skipped and counted. */
  send(packet: Packet | null): void;
  /** True when `frame` now holds the next picture or piece of sound; false when more packets are needed. */
  receive(frame: Frame): boolean;
  /** Forgets everything after a seek. */
  flush(): void;
  readonly damagedPackets: number;
}

export interface DecoderLimits {
  /** Pictures larger than this are not decoded, whatever the header said. */
  readonly maxPixels: number;
  readonly threads: number;
}

/** Errors in a row after which a decoder is taken to be stuck. */
const maxErrorsInARow = 100;

const tryAgain: number = FFmpegError.AVERROR(PosixError.EAGAIN);

/** Decoders that also take the alpha which Matroska keeps beside each picture (BlockAdditional 1); FFmpeg's own do not. */
const alphaDecoders = new Map<AVCodecID, FFDecoderCodec>([
  [AV_CODEC_ID_VP8, FF_DECODER_LIBVPX_VP8],
  [AV_CODEC_ID_VP9, FF_DECODER_LIBVPX_VP9],
]);

/** The decoder this stream would get, or null when there is none or it is not on the allow-list. */
export function findAllowedDecoder(stream: Stream): Codec | null {
  const { codecId } = stream.codecpar;
  const hasAlpha = stream.metadata?.get("alpha_mode") === "1";
  const withAlpha = hasAlpha ? alphaDecoders.get(codecId) : undefined;
  const decoder = withAlpha === undefined ? Codec.findDecoder(codecId) : Codec.findDecoderByName(withAlpha);
  return decoder?.name != null && allowedDecoders.has(decoder.name) ? decoder : null;
}

/**
 * @param timeBase of the packets that it is given
 * @throws KeepsakeError `media-codec-unsupported`, `media-damaged`
 */
export function openDecoder(
  stream: Stream,
  limits: DecoderLimits,
  timeBase: Rational = stream.timeBase,
): OpenedDecoder {
  const codec = findAllowedDecoder(stream);
  if (codec === null) {
    throw new KeepsakeError(
      "media-codec-unsupported",
      `Stream ${stream.index} is in a format that is not supported.`,
    );
  }
  const context = new CodecContext();
  context.allocContext3(codec);
  let damagedPackets = 0;
  try {
    throwIfFailed(context.parametersToContext(stream.codecpar), "set up the decoder");
    context.pktTimebase = timeBase;
    context.threadCount = limits.threads;
    throwIfFailed(context.setOption("codec_whitelist", codecWhitelist), "set up the decoder");
    throwIfFailed(context.setOption("max_pixels", limits.maxPixels), "set up the decoder");
    // Without a dictionary, which node-av frees twice here.
    throwIfFailed(context.open2Sync(codec), "open the decoder");
  } catch (error) {
    context.freeContext();
    throw error;
  }
  return {
    send(packet) {
      const result = context.sendPacketSync(packet);
      if (result === tryAgain)
        throw new KeepsakeError("internal", "A decoder was given more before it was emptied.");
      if (result < 0 && result !== AVERROR_EOF) damagedPackets += 1;
    },
    receive(frame) {
      for (let errors = 0; errors < maxErrorsInARow; errors += 1) {
        const result = context.receiveFrameSync(frame);
        if (result >= 0) return true;
        if (result === tryAgain || result === AVERROR_EOF) return false;
        damagedPackets += 1;
      }
      throw new KeepsakeError("media-damaged", "The file is too damaged to be decoded.");
    },
    flush: () => context.flushBuffers(),
    get damagedPackets() {
      return damagedPackets;
    },
    [Symbol.dispose]: () => context.freeContext(),
  };
}
