import type { Edit } from "../asset.js";
import type { TimedPicture } from "./follow-pictures.js";
import type { OpenedPictures } from "./opened-pictures.js";

/** Opens the media as it is stored. The first picture is at or before `mediaSeconds`, if there is such a picture. */
type OpenMedia = (mediaSeconds: number) => Promise<OpenedPictures>;

/**
 * Opens the pictures of a track whose edit list plays ranges of it slower, faster or frozen, on the movie's clock. While
 * the track plays nothing, its last picture is shown. The first picture is the one that is shown at `fromSeconds`.
 */
export async function openEditedPictures(
  edits: readonly Edit[],
  fromSeconds: number,
  openMedia: OpenMedia,
): Promise<OpenedPictures> {
  const shown = edits.filter((edit) => edit.mediaSeconds !== null);
  let index = Math.max(
    0,
    shown.findLastIndex(({ startSeconds }) => startSeconds <= fromSeconds),
  );
  let from = fromSeconds;
  let media = await openMedia(mediaSecondsOf(shown[index], from));
  const { stream } = media;
  let ahead: TimedPicture | null = null;
  let isBegun = false;
  const last = edits.at(-1);

  const closeMedia = async (): Promise<void> => {
    ahead?.release();
    ahead = null;
    await media[Symbol.asyncDispose]();
  };

  /** Reads the first picture of a range: the last one that begins at or before the range, or else the next one. */
  const begin = async (edit: Edit): Promise<TimedPicture | null> => {
    const mediaSeconds = mediaSecondsOf(edit, from);
    let picture = await media.next();
    for (
      ahead = await media.next();
      ahead !== null && ahead.seconds <= mediaSeconds;
      ahead = await media.next()
    ) {
      picture?.release();
      picture = ahead;
    }
    return picture;
  };

  const nextOf = async (edit: Edit): Promise<TimedPicture | null> => {
    if (!isBegun) {
      isBegun = true;
      const picture = await begin(edit);
      return picture === null ? null : place(picture, edit, Math.max(edit.startSeconds, from), ahead);
    }
    const picture = ahead;
    ahead = null;
    if (picture === null || edit.rate === 0) {
      picture?.release();
      return null;
    }
    const seconds = edit.startSeconds + (picture.seconds - (edit.mediaSeconds ?? 0)) / edit.rate;
    if (seconds >= endOf(edit)) {
      picture.release();
      return null;
    }
    ahead = await media.next();
    return place(picture, edit, seconds, ahead);
  };

  return {
    stream,
    claimedEndSeconds: last === undefined ? null : endOf(last),
    async next() {
      for (let edit = shown[index]; edit !== undefined; edit = shown[index]) {
        const picture = await nextOf(edit);
        if (picture !== null) return picture;
        index += 1;
        const following = shown[index];
        if (following === undefined) return null;
        await closeMedia();
        from = following.startSeconds;
        media = await openMedia(mediaSecondsOf(following, from));
        isBegun = false;
      }
      return null;
    },
    get isClockBroken() {
      return media.isClockBroken;
    },
    [Symbol.asyncDispose]: closeMedia,
  };

  function place(
    picture: TimedPicture,
    edit: Edit,
    seconds: number,
    following: TimedPicture | null,
  ): TimedPicture {
    const isLast = edit.rate === 0 || following === null;
    const own = picture.durationSeconds === null ? null : picture.durationSeconds / (edit.rate || 1);
    const left = endOf(edit) - seconds;
    return { ...picture, seconds, durationSeconds: isLast || (own ?? 0) > left ? left : own };
  }
}

function endOf({ startSeconds, durationSeconds }: Edit): number {
  return startSeconds + durationSeconds;
}

/** Shorter than any picture, so that a picture that begins at the end of a range is not part of it. */
const marginSeconds = 1e-4;

/** Time in the media that corresponds to `seconds` of the movie; after the range, the time at its end. */
function mediaSecondsOf(edit: Edit | undefined, seconds: number): number {
  if (edit === undefined) return 0;
  const sinceStart = Math.min(seconds - edit.startSeconds, edit.durationSeconds - marginSeconds);
  return (edit.mediaSeconds ?? 0) + Math.max(0, sinceStart) * edit.rate;
}
