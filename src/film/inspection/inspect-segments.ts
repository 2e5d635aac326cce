import { readFile, type FileHandle } from "node:fs/promises";

import { KeepsakeError } from "../../errors.js";
import type { Movie } from "../../mp4/read-movie.js";
import type { InspectedSegment } from "../model/segments.js";
import type { InspectionPlan } from "./inspection-plan.js";
import { filmPlace } from "./film-place.js";
import { inspectRange } from "./inspect-range.js";
import { digestPackets } from "./packet-digest.js";

export interface FilmFile {
  readonly path: string;
  readonly file: FileHandle;
  readonly movie: Movie;
}

/**
 * Checks that the film's pictures are, byte for byte and in the same order, those of segments that were decoded and
 * inspected. A range that is not is decoded to find out what it shows instead, and rejected in any case.
 *
 * @param segments in film order, covering the film
 * @throws KeepsakeError `film-damaged` and those of `inspectRange`
 */
export async function inspectSegments(
  { path, file, movie }: FilmFile,
  segments: readonly InspectedSegment[],
  plan: InspectionPlan,
  report: (framesDone: number) => void,
): Promise<void> {
  const { fps } = plan;
  const streamIndex = movie.tracks.findIndex(({ handler }) => handler === "vide");
  const track = movie.tracks[streamIndex];
  if (track === undefined) throw new KeepsakeError("film-damaged", "The film has no pictures.");
  let firstFrame = 0;
  for (const { digest, thumbnails, frameCount } of segments) {
    const span = { firstFrame, frameCount };
    if ((await digestPackets(file, track, span)) !== digest) {
      const source = { path, streamIndex, startSeconds: firstFrame / fps };
      await inspectRange(source, { ...plan, ...span, thumbnails: await readFile(thumbnails) });
      throw new KeepsakeError(
        "film-damaged",
        `From ${filmPlace(firstFrame, fps)} on, the film's bytes differ from those of the segment that was inspected.`,
      );
    }
    firstFrame += frameCount;
    report(firstFrame);
  }
  if (firstFrame !== plan.frameCount) {
    throw new KeepsakeError(
      "film-frame-count-wrong",
      `The film's segments have ${firstFrame} frames where ${plan.frameCount} were planned.`,
    );
  }
}
