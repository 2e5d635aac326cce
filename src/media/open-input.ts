import { AV_CODEC_ID_AV1, AV_CODEC_ID_NONE, AV_LOG_FATAL, AVDISCARD_ALL } from "node-av/constants";
import { Dictionary, FormatContext, InputFormat, Log, Packet, type Stream } from "node-av/lib";

import { KeepsakeError } from "../errors.js";
import { codecWhitelist } from "./allowed-codecs.js";
import { throwIfFailed } from "./av-error.js";
import { isWanted } from "./stream-kinds.js";
import { createJoinedReader, createPlainReader, type PacketReader } from "./packet-reader.js";

/** A media file opened for reading packets. */
export interface OpenedInput extends AsyncDisposable {
  /** The file, or the first of several recordings in it. */
  readonly format: FormatContext;
  readonly reader: PacketReader;
}

export interface OpenInputOptions {
  /**
   * First byte of each recording in the file (`findRecordings`); their packets are read one after another on one clock.
   * Default: the file is one recording.
   */
  readonly recordings?: readonly number[] | undefined;
  /** True to read the tracks of an MP4 as they are stored, without their edit lists. */
  readonly ignoresEdits?: boolean | undefined;
}

const maxStreams = 64;

/** Containers without a table of streams: a stream is known only after its first packet. */
const openEnded: ReadonlySet<string> = new Set(["mpeg", "mpegts", "flv"]);
/** Range of those files that is searched for streams: sound may begin late. */
const probedBytes = 64 * 1024 * 1024;
const probedMicroseconds = 60_000_000;

/** Containers in which another recording may follow without a header: streams of cameras and broadcasts. */
const restartingContainers: ReadonlySet<string> = new Set(["mpegts", "mpeg"]);

const opening = "open the file";
const reading = "read the file's streams";

/**
 * Opens a contributor's file with the given demuxer. The format is not probed by name or content, no protocol except
 * `file` is reachable, and only allowed decoders run while streams are examined. Streams that are neither moving picture
 * nor sound are not even parsed.
 *
 * @param file absolute path
 * @param demuxer FFmpeg's short name of the container format
 * @throws KeepsakeError `media-damaged`
 */
export async function openInput(
  file: string,
  demuxer: string,
  { recordings = [0], ignoresEdits = false }: OpenInputOptions = {},
): Promise<OpenedInput> {
  const inputFormat = InputFormat.findInputFormat(demuxer);
  if (inputFormat === null) throw new KeepsakeError("internal", `FFmpeg has no demuxer named ${demuxer}.`);
  // FFmpeg would write a line for every picture of a damaged file; our own errors contain what matters.
  Log.setLevel(AV_LOG_FATAL);
  const opened: FormatContext[] = [];
  const packet = new Packet();
  packet.alloc();
  const close = async (): Promise<void> => {
    packet.free();
    for (const format of opened.splice(0)) await format.closeInput();
  };
  const createFormat = (): FormatContext => {
    const format = new FormatContext();
    format.allocContext();
    opened.push(format);
    return format;
  };
  const urlOf = (index: number): string => {
    if (recordings.length === 1) return `file:${file}`;
    return `subfile,,start,${recordings[index]},end,${recordings[index + 1] ?? 0},,:file:${file}`;
  };
  try {
    const first = createFormat();
    using options = inputOptions(inputFormat.name ?? demuxer, demuxer, {
      isPart: recordings.length > 1,
      ignoresEdits,
    });
    throwIfFailed(await first.openInput(urlOf(0), inputFormat, options), opening);
    leaveOutUnwanted(first);
    throwIfFailed(await first.findStreamInfo(null), reading);
    const openNext = (index: number): FormatContext => {
      const format = createFormat();
      using again = inputOptions(inputFormat.name ?? demuxer, demuxer, { isPart: true, ignoresEdits });
      throwIfFailed(format.openInputSync(urlOf(index), inputFormat, again), opening);
      leaveOutUnwanted(format);
      throwIfFailed(format.findStreamInfoSync(null), reading);
      return format;
    };
    const mayRestart = restartingContainers.has(demuxer);
    const reader =
      recordings.length > 1 || mayRestart
        ? createJoinedReader(first, packet, { count: recordings.length, mayRestart, open: openNext })
        : createPlainReader(first, packet);
    return { format: first, reader, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

function inputOptions(
  formatName: string,
  demuxer: string,
  { isPart, ignoresEdits }: { readonly isPart: boolean; readonly ignoresEdits: boolean },
): Dictionary {
  return Dictionary.fromObject({
    protocol_whitelist: isPart ? "subfile,file" : "file",
    format_whitelist: formatName,
    codec_whitelist: codecWhitelist,
    max_streams: maxStreams,
    ...(openEnded.has(demuxer) ? { probesize: probedBytes, analyzeduration: probedMicroseconds } : {}),
    ...(ignoresEdits ? { ignore_editlist: 1 } : {}),
    // A picture of an animated PNG without a delay is shown for 100 ms, as in browsers; FFmpeg would use 67.
    ...(demuxer === "apng" ? { default_fps: 10 } : {}),
  });
}

function leaveOutUnwanted(format: FormatContext): void {
  for (const stream of format.streams) {
    nameDolbyVision(stream);
    if (!isWanted(stream)) stream.discard = AVDISCARD_ALL;
  }
}

/** Dolby Vision over AV1 has its own code in MP4, which FFmpeg does not support (Dolby Vision in ISO base media, 3.2). */
function nameDolbyVision({ codecpar }: Stream): void {
  if (codecpar.codecTagString === "dav1" && codecpar.codecId === AV_CODEC_ID_NONE)
    codecpar.codecId = AV_CODEC_ID_AV1;
}
