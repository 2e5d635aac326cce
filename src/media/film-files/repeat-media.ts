import { FormatContext, type Stream } from "node-av/lib";

import { KeepsakeError } from "../../errors.js";
import { throwIfFailed } from "../av-error.js";
import { openInput } from "../open-input.js";

export interface RepeatOptions {
  /** An MP4 that we made, whose tracks all last for `seconds` in whole packets. */
  readonly source: string;
  readonly seconds: number;
  readonly times: number;
  /** The MP4 to write; overwritten if it exists. */
  readonly path: string;
}

/**
 * Repeats a short media file into a long one, without decoding it. Benchmarks of long clips use it.
 *
 * @throws KeepsakeError `internal`: the file is our own, so every failure of FFmpeg is a bug
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
        const loopTicks = BigInt(Math.round((seconds * den) / num));
        // Priming packets before the beginning are written once, and padding at the end never.
        if (packet.pts >= loopTicks || (time > 0 && packet.pts < 0n)) continue;
        packet.pts += BigInt(time) * loopTicks;
        packet.dts += BigInt(time) * loopTicks;
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
