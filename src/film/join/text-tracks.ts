import { ticksPerSecond, type Mp4Track } from "../../mp4/mp4-track.js";
import {
  chapterSample,
  quickTimeTextEntry,
  timedTextEntry,
  timedTextSample,
  type Size,
} from "../../mp4/sample-entries.js";

export interface JoinedChapter {
  readonly title: string;
  readonly firstFrame: number;
  readonly frameCount: number;
}

export interface JoinedCaption {
  readonly firstFrame: number;
  readonly frameCount: number;
  readonly text: string;
}

/** The film that captions belong to. */
interface CaptionedFilm {
  readonly frameCount: number;
  readonly fps: number;
  readonly picture: Size;
  readonly language: string;
}

/** Captions are shown in the lowest part of the picture. */
const captionShare = 0.15;

export function createChapterTrack(chapters: readonly JoinedChapter[], fps: number): Mp4Track {
  const spans = chapters.map(({ title, frameCount }) => ({ bytes: chapterSample(title), frameCount }));
  const place = { width: 0, height: 0, y: 0 };
  return textTrack({ kind: "chapters", sampleEntry: quickTimeTextEntry(), place }, spans, fps);
}

/**
 * Makes the caption track. The time between captions is filled with empty ones.
 *
 * @param captions in order, not overlapping
 * @param film `language` is ISO 639-2/T
 */
export function createCaptionTrack(
  captions: readonly JoinedCaption[],
  { frameCount, fps, picture, language }: CaptionedFilm,
): Mp4Track {
  const height = Math.round(picture.height * captionShare);
  const place = { width: picture.width, height, y: picture.height - height };
  const spans = withGaps(captions, frameCount);
  const track = textTrack({ kind: "captions", sampleEntry: timedTextEntry(place), place }, spans, fps);
  return { ...track, language };
}

interface TextSpan {
  readonly bytes: Uint8Array;
  readonly frameCount: number;
}

function withGaps(captions: readonly JoinedCaption[], filmFrameCount: number): TextSpan[] {
  const spans: TextSpan[] = [];
  const empty = timedTextSample("");
  let frame = 0;
  for (const { firstFrame, frameCount, text } of captions) {
    if (firstFrame < frame || firstFrame + frameCount > filmFrameCount) {
      throw new RangeError("Captions overlap or reach past the film.");
    }
    if (firstFrame > frame) spans.push({ bytes: empty, frameCount: firstFrame - frame });
    spans.push({ bytes: timedTextSample(text), frameCount });
    frame = firstFrame + frameCount;
  }
  if (frame < filmFrameCount) spans.push({ bytes: empty, frameCount: filmFrameCount - frame });
  return spans;
}

function textTrack(
  track: Pick<Mp4Track, "kind" | "sampleEntry" | "place">,
  spans: readonly TextSpan[],
  fps: number,
): Mp4Track {
  return {
    ...track,
    sizes: Uint32Array.from(spans, ({ bytes }) => bytes.length),
    durations: Uint32Array.from(spans, ({ frameCount }) => (frameCount * ticksPerSecond) / fps),
    compositionOffsets: null,
    keySamples: null,
    startTicks: 0,
    read: (firstSample, count) =>
      Promise.resolve(Buffer.concat(spans.slice(firstSample, firstSample + count).map(({ bytes }) => bytes))),
  };
}
