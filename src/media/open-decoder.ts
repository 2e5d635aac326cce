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
 * A decoder: packets in, frames out, in any ratio. It works on the caller's thread, because passing through the thread
 * pool costs more than decoding most frames, and a child has nothing else to do at that time.
 */
export interface OpenedDecoder extends Disposable {
  /** Sends a packet; null at the end of the stream drains the decoder. Damaged packets are skipped and counted. */
  send(packet: Packet | null): void;
  /** @returns true when `frame` contains the next picture or piece of sound, false when more packets are needed */
  receive(frame: Frame): boolean;
  /** Drops all state, after a seek. */
  flush(): void;
  readonly damagedPackets: number;
}

export interface DecoderLimits {
  /** Larger pictures are not decoded, also if the header claims a smaller size. */
  readonly maxPixels: number;
  readonly threads: number;
}

/** Number of consecutive errors after which decoding ends. */
const maxErrorsInARow = 100;

const tryAgain: number = FFmpegError.AVERROR(PosixError.EAGAIN);

/** Decoders that also read the alpha that Matroska stores with each picture (BlockAdditional 1); FFmpeg's own do not. */
const alphaDecoders = new Map<AVCodecID, FFDecoderCodec>([
  [AV_CODEC_ID_VP8, FF_DECODER_LIBVPX_VP8],
  [AV_CODEC_ID_VP9, FF_DECODER_LIBVPX_VP9],
]);

/** The decoder for a stream; null when there is none or it is not on the allow-list. */
export function findAllowedDecoder(stream: Stream): Codec | null {
  const { codecId } = stream.codecpar;
  const hasAlpha = stream.metadata?.get("alpha_mode") === "1";
  const withAlpha = hasAlpha ? alphaDecoders.get(codecId) : undefined;
  const decoder = withAlpha === undefined ? Codec.findDecoder(codecId) : Codec.findDecoderByName(withAlpha);
  return decoder?.name != null && allowedDecoders.has(decoder.name) ? decoder : null;
}

/**
 * @param timeBase time base of the packets
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
    // No dictionary is passed, because node-av would free it twice here.
    throwIfFailed(context.open2Sync(codec), "open the decoder");
  } catch (error) {
    context.freeContext();
    throw error;
  }
  return {
    send(packet) {
      const result = context.sendPacketSync(packet);
      if (result === tryAgain)
        throw new KeepsakeError("internal", "A decoder received a packet before all its frames were read.");
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
