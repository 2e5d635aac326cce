/**
 * Writes a small media file of generated pictures and sound, like that of a phone: an MP4 of H.264 or HEVC and AAC, or a
 * voice note in Ogg Opus. It is used for samples, not for films, which are encoded in segments. Timestamps count frames
 * and samples, and the file depends on no clock, machine or randomness, so the same input makes the same bytes.
 */
import {
  AV_CODEC_FLAG_BITEXACT,
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_PKT_DATA_DISPLAYMATRIX,
  AVERROR_EOF,
  AVFMT_FLAG_BITEXACT,
} from "node-av/constants";
import {
  Codec,
  CodecContext,
  Dictionary,
  FFmpegError,
  FormatContext,
  Packet,
  PosixError,
  type Frame,
  type Stream,
} from "node-av/lib";

import { KeepsakeError } from "../../errors.js";
import { throwIfFailed } from "../av-error.js";
import {
  pictureEncoder,
  pictureFrame,
  soundEncoder,
  soundFrame,
  type EncoderSetup,
  type MediaFormat,
} from "../media-format.js";

export interface MediaWriter extends AsyncDisposable {
  /**
   * @param i420 Y, U and V, tightly packed, BT.709 in limited range, in the coded size
   * @param shownFrames number of frames for which it is shown
   */
  writePicture(i420: Uint8Array, shownFrames?: number): Promise<void>;
  /** @param interleaved whole sample frames, -1 to 1 */
  writeSound(interleaved: Float32Array): Promise<void>;
  /** Drains the encoders and completes the file; nothing can be written after it. */
  finish(): Promise<void>;
}

const tryAgain: number = FFmpegError.AVERROR(PosixError.EAGAIN);

/**
 * @param path the file; overwritten if it exists
 * @throws KeepsakeError `internal`: the input is our own, so every failure of FFmpeg is a bug
 */
export async function openMediaWriter(path: string, format: MediaFormat): Promise<MediaWriter> {
  const output = new FormatContext();
  check(output.allocOutputContext2(null, format.container, path), "set up the file");
  output.setFlags(AVFMT_FLAG_BITEXACT);
  const tracks: Track[] = [];
  const close = async (): Promise<void> => {
    for (const track of tracks.splice(0)) track.free();
    await output.closeOutput();
    output.freeContext();
  };
  try {
    const picture = format.picture === null ? null : await addTrack(output, pictureEncoder(format.picture));
    if (picture !== null) tracks.push(picture);
    const sound = await addTrack(output, soundEncoder(format.sound));
    tracks.push(sound);
    if (format.picture?.rotationDegrees === 90) {
      check(
        picture?.stream.codecpar.addCodedSideData(AV_PKT_DATA_DISPLAYMATRIX, quarterRotation()) ?? 0,
        "rotate the picture",
      );
    }
    check(await output.openOutput(), "create the file");
    check(await output.writeHeader(null), "write the file's header");
    return createWriter(output, format, picture, sound, close);
  } catch (error) {
    await close();
    throw error;
  }
}

function createWriter(
  output: FormatContext,
  format: MediaFormat,
  picture: Track | null,
  sound: Track,
  close: () => Promise<void>,
): MediaWriter {
  const { channelCount } = format.sound;
  const pieceLength = sound.encoder.frameSize * channelCount;
  const piece = new Float32Array(pieceLength);
  let bufferedCount = 0;
  let sampleCount = 0;
  let frameCount = 0;

  const encodePiece = async (): Promise<void> => {
    using frame = soundFrame(piece.subarray(0, bufferedCount), format.sound, sampleCount);
    sampleCount += bufferedCount / channelCount;
    bufferedCount = 0;
    await sound.encode(frame);
  };
  return {
    async writePicture(i420, shownFrames = 1) {
      if (format.picture === null || picture === null)
        throw new RangeError("This file has no picture track.");
      using frame = pictureFrame(i420, format.picture, frameCount);
      frameCount += shownFrames;
      await picture.encode(frame);
    },
    async writeSound(interleaved) {
      for (let start = 0; start < interleaved.length;) {
        const part = interleaved.subarray(start, start + pieceLength - bufferedCount);
        piece.set(part, bufferedCount);
        bufferedCount += part.length;
        start += part.length;
        if (bufferedCount === pieceLength) await encodePiece();
      }
    },
    async finish() {
      if (bufferedCount > 0) await encodePiece();
      await picture?.encode(null);
      await sound.encode(null);
      check(await output.writeTrailer(), "complete the file");
    },
    [Symbol.asyncDispose]: close,
  };
}

interface Track {
  readonly encoder: CodecContext;
  readonly stream: Stream;
  /** Encodes a frame and writes the packets that are ready; null drains the encoder. */
  encode(frame: Frame | null): Promise<void>;
  free(): void;
}

async function addTrack(output: FormatContext, setup: EncoderSetup): Promise<Track> {
  const codec = Codec.findEncoderByName(setup.name);
  if (codec === null) throw new KeepsakeError("internal", `FFmpeg has no encoder named ${setup.name}.`);
  const encoder = new CodecContext();
  encoder.allocContext3(codec);
  const packet = new Packet();
  packet.alloc();
  setup.configure(encoder);
  encoder.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER, AV_CODEC_FLAG_BITEXACT);
  using options = Dictionary.fromObject(setup.options);
  check(await encoder.open2(codec, options), `open the encoder ${setup.name}`);
  const stream = output.newStream();
  check(stream.codecpar.fromContext(encoder), "describe the track");
  stream.timeBase = encoder.timeBase;
  return {
    encoder,
    stream,
    async encode(frame) {
      check(await encoder.sendFrame(frame), "encode");
      for (;;) {
        const result = await encoder.receivePacket(packet);
        if (result === tryAgain || result === AVERROR_EOF) return;
        check(result, "encode");
        packet.streamIndex = stream.index;
        // x264 sets no duration, and the last picture would not be shown.
        if (packet.duration === 0n) packet.duration = 1n;
        packet.rescaleTs(encoder.timeBase, stream.timeBase);
        check(await output.interleavedWriteFrame(packet), "write to the file");
      }
    },
    free() {
      packet.free();
      encoder.freeContext();
    },
  };
}

/**
 * Creates the display matrix of a phone that is bufferedCount upright: the picture is rotated by a quarter clockwise when it is
 * shown. The matrix has nine numbers in native byte order, in 16.16 fixed point, the last column in 2.30 (ISO/IEC 14496-12,
 * 6.2.2); the muxer adds the shift.
 */
function quarterRotation(): Buffer {
  const matrix = Int32Array.of(0, 1 << 16, 0, -(1 << 16), 0, 0, 0, 0, 1 << 30);
  return Buffer.from(matrix.buffer);
}

function check(result: number, doing: string): number {
  return throwIfFailed(result, doing, "internal");
}
