import { AV_CODEC_ID_AV1, AV_CODEC_ID_NONE, AV_LOG_FATAL, AVDISCARD_ALL } from "node-av/constants";
import { Dictionary, FormatContext, InputFormat, Log, Packet, type Stream } from "node-av/lib";

import { KeepsakeError } from "../errors.js";
import { codecWhitelist } from "./allowed-codecs.js";
import { throwIfFailed } from "./av-error.js";
import { isWanted } from "./choose-streams.js";

/** A media file opened for reading packets. */
export interface OpenedInput extends AsyncDisposable {
  readonly format: FormatContext;
  /** The next packet of any stream, valid until the next call; null at the end. Damage ends the file early. */
  readPacket(): Packet | null;
}

const maxStreams = 64;

/** Containers without a table of their streams, which only show when something of them comes. */
const openEnded: ReadonlySet<string> = new Set(["mpeg", "mpegts", "flv"]);
/** How far into those streams are looked for: sound may begin late. */
const probedBytes = 64 * 1024 * 1024;
const probedMicroseconds = 60_000_000;

/**
 * Opens a contributor's file with one given demuxer: nothing is probed by name or content, no other protocol than
 * `file` is reachable, and only allowed decoders run while streams are examined. What is neither moving picture nor
 * sound is not even parsed.
 *
 * @param file absolute path
 * @param demuxer FFmpeg's short name of the container format
 * @param ignoresEdits true for the media of an MP4's tracks as they are stored, without their edit lists
 * @throws KeepsakeError `media-damaged`
 */
export async function openInput(file: string, demuxer: string, ignoresEdits = false): Promise<OpenedInput> {
  const inputFormat = InputFormat.findInputFormat(demuxer);
  if (inputFormat === null) throw new KeepsakeError("internal", `FFmpeg has no demuxer named ${demuxer}.`);
  // A damaged file makes FFmpeg write a line for every picture; what matters is in our own errors.
  Log.setLevel(AV_LOG_FATAL);
  const format = new FormatContext();
  format.allocContext();
  using options = Dictionary.fromObject({
    protocol_whitelist: "file",
    format_whitelist: inputFormat.name,
    codec_whitelist: codecWhitelist,
    max_streams: maxStreams,
    ...(openEnded.has(demuxer) ? { probesize: probedBytes, analyzeduration: probedMicroseconds } : {}),
    ...(ignoresEdits ? { ignore_editlist: 1 } : {}),
    // A picture of an animated PNG without a delay is shown for 100 ms, as browsers do; FFmpeg would take 67.
    ...(demuxer === "apng" ? { default_fps: 10 } : {}),
  });
  const packet = new Packet();
  packet.alloc();
  const close = async (): Promise<void> => {
    packet.free();
    await format.closeInput();
  };
  try {
    throwIfFailed(await format.openInput(`file:${file}`, inputFormat, options), "open the file");
    for (const stream of format.streams) {
      nameDolbyVision(stream);
      if (!isWanted(stream)) stream.discard = AVDISCARD_ALL;
    }
    throwIfFailed(await format.findStreamInfo(null), "read the file's streams");
  } catch (error) {
    await close();
    throw error;
  }
  return {
    format,
    readPacket() {
      packet.unref();
      return format.readFrameSync(packet) < 0 ? null : packet;
    },
    [Symbol.asyncDispose]: close,
  };
}

/** Dolby Vision over AV1 has a name of its own in MP4, which FFmpeg does not know (Dolby Vision in ISO base media, 3.2). */
function nameDolbyVision({ codecpar }: Stream): void {
  if (codecpar.codecTagString === "dav1" && codecpar.codecId === AV_CODEC_ID_NONE)
    codecpar.codecId = AV_CODEC_ID_AV1;
}
