import { open } from "node:fs/promises";

import {
  AV_CHANNEL_ORDER_NATIVE,
  AV_CODEC_ID_AAC,
  AV_SAMPLE_FMT_FLTP,
  AVERROR_EOF,
  FF_ENCODER_AAC,
} from "node-av/constants";
import {
  Codec,
  CodecContext,
  Dictionary,
  FFmpegError,
  Frame,
  Packet,
  PosixError,
  Rational,
} from "node-av/lib";

import { KeepsakeError } from "../../errors.js";
import { adtsHeader } from "./adts.js";
import { throwIfFailed } from "../av-error.js";
import { channelCount, sampleRate, samplesPerAacPacket } from "./sound-format.js";

export interface AacEncoder extends AsyncDisposable {
  /** @param interleaved any number of whole samples of both channels */
  write(interleaved: Float32Array): Promise<void>;
  /** Encodes the remaining sound and closes the file. */
  finish(): Promise<void>;
}

const channelLayout = { nbChannels: 2, order: AV_CHANNEL_ORDER_NATIVE, mask: 3n };
const writeBytes = 64 * 1024;
const tryAgain: number = FFmpegError.AVERROR(PosixError.EAGAIN);

/**
 * Encodes stereo at 48 kHz with FFmpeg's own AAC-LC encoder into an ADTS file. The first `aacPrimingSamples` decoded
 * samples are the encoder's priming: the sound begins after them. The last frame is padded with silence.
 *
 * The `fast` coder takes a third of the CPU time of the default two-loop search, and at 192 kb/s it is more exact up to
 * 6 kHz: at 3 kHz, speech has a signal-to-noise ratio of 43 instead of 31 dB, and stereo noise of 18 instead of 16 dB.
 */
export async function openAacEncoder(path: string, bitsPerSecond: number): Promise<AacEncoder> {
  const codec = Codec.findEncoderByName(FF_ENCODER_AAC);
  if (codec === null || codec.id !== AV_CODEC_ID_AAC) {
    throw new KeepsakeError("media-library-failed", "The media library has no AAC encoder.");
  }
  const context = new CodecContext();
  context.allocContext3(codec);
  context.sampleFormat = AV_SAMPLE_FMT_FLTP;
  context.sampleRate = sampleRate;
  context.channelLayout = channelLayout;
  context.bitRate = BigInt(bitsPerSecond);
  context.timeBase = new Rational(1, sampleRate);
  using options = Dictionary.fromObject({ aac_coder: "fast" });
  throwIfFailed(await context.open2(codec, options), "open the AAC encoder", "media-library-failed");
  const packet = new Packet();
  packet.alloc();
  const file = await open(path, "w");

  const planar = new Float32Array(channelCount * samplesPerAacPacket);
  let bufferedCount = 0;
  let position = 0n;
  let encoded: Buffer[] = [];
  let encodedBytes = 0;

  return {
    async write(interleaved) {
      for (let index = 0; index < interleaved.length; index += 2) {
        planar[bufferedCount] = interleaved[index] as number;
        planar[samplesPerAacPacket + bufferedCount] = interleaved[index + 1] as number;
        bufferedCount += 1;
        if (bufferedCount === samplesPerAacPacket) encodePacket();
      }
      if (encodedBytes >= writeBytes) await writeEncoded();
    },
    async finish() {
      if (bufferedCount > 0) {
        planar.fill(0, bufferedCount, samplesPerAacPacket);
        planar.fill(0, samplesPerAacPacket + bufferedCount);
        encodePacket();
      }
      throwIfFailed(context.sendFrameSync(null), "finish the sound", "media-library-failed");
      receivePackets();
      await writeEncoded();
    },
    async [Symbol.asyncDispose]() {
      packet.free();
      context.freeContext();
      await file.close();
    },
  };

  function encodePacket(): void {
    const bytes = Buffer.from(planar.buffer, planar.byteOffset, planar.byteLength);
    const frame = Frame.fromAudioBuffer(bytes, {
      nbSamples: samplesPerAacPacket,
      format: AV_SAMPLE_FMT_FLTP,
      sampleRate,
      channelLayout,
      timeBase: { num: 1, den: sampleRate },
      pts: position,
    });
    position += BigInt(samplesPerAacPacket);
    bufferedCount = 0;
    try {
      throwIfFailed(context.sendFrameSync(frame), "encode the sound", "media-library-failed");
    } finally {
      frame.free();
    }
    receivePackets();
  }

  function receivePackets(): void {
    for (;;) {
      const result = context.receivePacketSync(packet);
      if (result === tryAgain || result === AVERROR_EOF) return;
      throwIfFailed(result, "encode the sound", "media-library-failed");
      const data = Buffer.from(packet.data ?? []);
      packet.unref();
      encoded.push(adtsHeader(data.length), data);
      encodedBytes += data.length;
    }
  }

  async function writeEncoded(): Promise<void> {
    await file.writev(encoded);
    encoded = [];
    encodedBytes = 0;
  }
}
