/**
 * Joins segments and sound. Pictures and sound are copied byte for byte. Only the tables around them are written, by
 * our own code, so that every time in the film is a whole number of samples and the same inputs make the same bytes.
 */
import { open } from "node:fs/promises";

import { ticksPerSecond } from "../../mp4/mp4-track.js";
import { writeMp4, type WrittenFile } from "../../mp4/write-mp4.js";
import type { EncodedSegment } from "../model/segments.js";
import { interleave } from "./interleave.js";
import { createSoundTrack } from "./sound-track.js";
import {
  createCaptionTrack,
  createChapterTrack,
  type JoinedCaption,
  type JoinedChapter,
} from "./text-tracks.js";
import { createVideoTrack } from "./video-track.js";

export interface JoinInput {
  /** Segments in film order. */
  readonly segments: readonly Pick<EncodedSegment, "path" | "frameCount">[];
  /** ADTS file; `sampleCount` is the film's. */
  readonly sound: { readonly path: string; readonly sampleCount: number };
  readonly fps: number;
  /** Consecutive chapters from frame 0 to the end. */
  readonly chapters: readonly JoinedChapter[];
  /** Captions in order, not overlapping; an empty list makes a film without a caption track. */
  readonly captions: readonly JoinedCaption[];
  /** ISO 639-2/T. */
  readonly captionLanguage: string;
  readonly title: string | null;
  /** A year or an ISO date. */
  readonly date: string | null;
  /** Path of the film to write. */
  readonly path: string;
}

/** @throws KeepsakeError `segment-unfit`, `sound-unfit`, `film-damaged` */
export async function joinSegments(input: JoinInput): Promise<WrittenFile> {
  const { fps, chapters, captions, captionLanguage, title, date } = input;
  const video = await createVideoTrack(input.segments, fps);
  const frameCount = video.durations.length;
  await using file = await open(input.sound.path, "r");
  const tracks = [video, await createSoundTrack(file, input.sound.sampleCount)];
  if (captions.length > 0) {
    const film = { frameCount, fps, picture: video.place, language: captionLanguage };
    tracks.push(createCaptionTrack(captions, film));
  }
  if (chapters.length > 0) tracks.push(createChapterTrack(chapters, fps));
  const frameTicks = ticksPerSecond / fps;
  const movie = {
    durationTicks: frameCount * frameTicks,
    title,
    date,
    chapters: chapters.map((chapter) => ({
      title: chapter.title,
      startTicks: chapter.firstFrame * frameTicks,
    })),
  };
  return await writeMp4(input.path, movie, tracks, interleave(tracks));
}
