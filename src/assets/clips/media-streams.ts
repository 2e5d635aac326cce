import { KeepsakeError } from "../../errors.js";
import type { Edit } from "../../media/asset.js";
import { chooseStreams, type ChosenStreams } from "../../media/streams/choose-streams.js";
import { openInput } from "../../media/open-input.js";
import type { EditedSource } from "../../media/sound/edited-sound.js";
import type { DetectedKind } from "../sniff/detected-kind.js";
import { contentIdOf } from "../stills/exif-notes.js";
import { readClaimedSeconds } from "./claimed-seconds.js";
import { explainUnreadable, mediaProtected } from "./explain-media.js";
import { readEdits } from "./read-edits.js";
import { readMovieBox } from "./read-movie-box.js";
import { readSoundTracks } from "./read-sound-tracks.js";
import type { WorkMeter } from "./work-meter.js";

export interface MediaInput {
  readonly path: string;
  readonly sha256: string;
  /** FFmpeg's name of the demuxer. */
  readonly demuxer: string;
  /** Offset of each recording in a file of several joined recordings; absent for a single one. */
  readonly recordings?: readonly number[] | undefined;
  /** Counts what is decoded. */
  readonly meter?: WorkMeter | undefined;
  /** Called with the file's kind as soon as its streams are known. */
  readonly onDetected?: ((kind: DetectedKind) => void) | undefined;
}

export interface Streams extends ChosenStreams {
  /** Edit lists of the streams that are not played as they are stored, by stream index. */
  readonly edits: ReadonlyMap<number, readonly Edit[] | undefined>;
  readonly livePhotoId: string | null;
}

/** QuickTime's metadata key of a Live Photo's clip. */
const contentIdKey = "com.apple.quicktime.content.identifier";

/** @throws KeepsakeError `media-protected`, `media-damaged` */
export async function readStreams({ path, demuxer, recordings, meter }: MediaInput): Promise<Streams> {
  try {
    await using opened = await openInput(path, demuxer, { recordings });
    const movie = demuxer === "mov" ? await readMovieBox(path) : null;
    const streams = chooseStreams(opened.format, readSoundTracks(movie));
    if (streams.encrypted) throw mediaProtected();
    // FFmpeg follows each joined recording's own edit lists as far as it can; those of the first end with it.
    const lists = readEdits(recordings === undefined ? movie : null);
    const edits = new Map(opened.format.streams.map(({ index, id }) => [index, lists.get(id)] as const));
    const kinds = [streams.videoIndexes, streams.soundIndexes].filter((indexes) => indexes.length > 0);
    meter?.expect(Number(opened.format.duration) / 1e6, kinds.length);
    const livePhotoId = contentIdOf(opened.format.metadata?.get(contentIdKey));
    const claimedSeconds = await readClaimedSeconds(path, demuxer, streams.claimedSeconds);
    return { ...streams, claimedSeconds, edits, livePhotoId };
  } catch (error) {
    throw error instanceof KeepsakeError ? await explainUnreadable(path, demuxer, error) : error;
  }
}

export function kindOfStreams(streams: Streams): DetectedKind | null {
  if (streams.videoIndexes.length + streams.unsupportedVideo.length > 0) return "video";
  return hasSound(streams) ? "voice" : null;
}

export function hasSound(streams: Streams): boolean {
  return streams.soundIndexes.length > 0 || streams.unsupportedSound.length > 0;
}

export function sourceOf(
  { path, demuxer, recordings }: MediaInput,
  { edits }: Streams,
  streamIndex: number,
): EditedSource {
  const list = edits.get(streamIndex);
  return { path, demuxer, streamIndex, recordings, ...(list !== undefined && { edits: list }) };
}
