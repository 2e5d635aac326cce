import { FormatContext, type Stream } from "node-av/lib";

import { KeepsakeError } from "../../errors.js";
import { throwIfFailed } from "../av-error.js";
import { openInput } from "../open-input.js";

export interface RepeatOptions {
  /** An MP4 of ours whose tracks all last for `seconds`, in whole packets. */
  readonly source: string;
  readonly seconds: number;
  readonly times: number;
  /** The MP4 to write; overwritten if it exists. */
  readonly path: string;
}

/**
 * Plays a short media file over and over into a long one, without decoding it: for samples of our own, as benchmarks
 * of long clips need them.
 *
 * @throws KeepsakeError `internal`: with a file of our own every failure of FFmpeg is our mistake
 */
export async function repeatMedia({ source, seconds, times, path }: RepeatOptions): Promise<void> {
  const output = new FormatContext();
  check(output.allocOutputContext2(null, "mp4", path), "set up the file");
  const tracks: Stream[] = [];
  try {
    for (let time = 0; time < times; time += 1) {
      await using input = await openInput(source, "mov");
      if (time === 0) {
        for (const { codecpar, timeBase } of input.format.streams) {
          const track = output.newStream();
          check(codecpar.copy(track.codecpar), "describe the track");
          track.timeBase = timeBase;
          tracks.push(track);
        }
        check(await output.openOutput(), "create the file");
        check(await output.writeHeader(null), "write the file's header");
      }
      for (let packet = input.reader.next(); packet !== null; packet = input.reader.next()) {
        const from = input.format.streams[packet.streamIndex];
        const to = tracks[packet.streamIndex];
        if (from === undefined || to === undefined)
          throw new KeepsakeError("internal", "A track is missing.");
        const { num, den } = from.timeBase;
        const turn = BigInt(Math.round((seconds * den) / num));
        // What an encoder puts before the beginning is wanted once, and what it adds at the end never.
        if (packet.pts >= turn || (time > 0 && packet.pts < 0n)) continue;
        packet.pts += BigInt(time) * turn;
        packet.dts += BigInt(time) * turn;
        packet.rescaleTs(from.timeBase, to.timeBase);
        check(await output.interleavedWriteFrame(packet), "write to the file");
      }
    }
    check(await output.writeTrailer(), "complete the file");
  } finally {
    await output.closeOutput();
    output.freeContext();
  }
}

function check(result: number, doing: string): number {
  return throwIfFailed(result, doing, "internal");
}
