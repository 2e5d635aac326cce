import type { Edit } from "../asset.js";
import { decodeSound, findSoundStart as findStoredStart, type DecodeSoundOptions } from "./decode-sound.js";
import type { FrameSource } from "../open-frames.js";
import { sampleRate } from "./sound-format.js";

export interface EditedSource extends FrameSource {
  /** The ranges of the track that are played; absent if all of it is played as stored. */
  readonly edits?: readonly Edit[];
}

/** Number of samples of one piece of silence. */
const pieceSamples = sampleRate;

/**
 * Decodes sound like `decodeSound`, on the movie's clock. Ranges that the edit list plays slower or faster have a lower or
 * higher pitch, like a tape and as in QuickTime, so that sound matches the pictures. Where the track plays nothing or its
 * picture is frozen, there is silence.
 *
 * @returns decoded seconds of the stored sound; 0 when nothing could be decoded
 */
export async function decodeEditedSound(source: EditedSource, options: DecodeSoundOptions): Promise<number> {
  const { edits, ...stored } = source;
  if (edits === undefined) return await decodeSound(stored, options);
  const media = { ...stored, ignoresEdits: true };
  const startSeconds = options.startSeconds ?? firstAudibleStart(edits);
  let writtenSamples = 0;
  let decodedSeconds = 0;
  let needsMore = true;

  /** Adds silence up to this time of the movie, in samples of the result. */
  const addSilenceUntil = async (endSample: number): Promise<void> => {
    while (needsMore && writtenSamples < endSample) {
      const count = Math.min(pieceSamples, endSample - writtenSamples);
      writtenSamples += count;
      needsMore = await options.onSamples(new Float32Array(2 * count));
    }
  };

  for (const edit of edits) {
    const endSample = sampleAt(edit.startSeconds + edit.durationSeconds, startSeconds);
    if (!needsMore) break;
    if (endSample <= writtenSamples) continue;
    await addSilenceUntil(sampleAt(edit.startSeconds, startSeconds));
    if (edit.mediaSeconds !== null && edit.rate > 0) {
      // The part of the range before the requested start is left out.
      const lateSeconds = Math.max(0, startSeconds - edit.startSeconds);
      const change = createRateChange(edit.rate, endSample - writtenSamples);
      decodedSeconds += await decodeSound(media, {
        ...options,
        // The times of frames are those of the stored sound, not of the movie.
        onFrame: undefined,
        startSeconds: edit.mediaSeconds + lateSeconds * edit.rate,
        async onSamples(samples) {
          const played = change.push(samples);
          writtenSamples += played.length / 2;
          if (played.length > 0) needsMore = await options.onSamples(played);
          return needsMore && !change.isFull;
        },
      });
    }
    await addSilenceUntil(endSample);
  }
  return decodedSeconds;
}

/** Like `findSoundStart` of `decode-sound.ts`, on the movie's clock. */
export async function findSoundStart(source: EditedSource): Promise<number | null> {
  const { edits, ...stored } = source;
  return edits === undefined ? await findStoredStart(stored) : firstAudibleStart(edits);
}

function firstAudibleStart(edits: readonly Edit[]): number {
  return edits.find(({ mediaSeconds, rate }) => mediaSeconds !== null && rate > 0)?.startSeconds ?? 0;
}

function sampleAt(seconds: number, startSeconds: number): number {
  return Math.max(0, Math.round((seconds - startSeconds) * sampleRate));
}

interface RateChange {
  /** @returns the samples of the result that correspond to these samples of the media */
  push(samples: Float32Array<ArrayBuffer>): Float32Array<ArrayBuffer>;
  readonly isFull: boolean;
}

/** Plays stereo samples at another rate by linear interpolation, until there are `count` of them. */
function createRateChange(rate: number, count: number): RateChange {
  let made = 0;
  /** Number of samples of the media that were pushed before, and the last of them. */
  let before = 0;
  let [lastLeft, lastRight] = [0, 0];
  return {
    push(samples) {
      const length = samples.length / 2;
      const maxCount = Math.min(count - made, Math.max(0, Math.ceil((before + length) / rate) - made));
      const played = new Float32Array(2 * maxCount);
      let filled = 0;
      for (; filled < maxCount; filled += 1) {
        const place = (made + filled) * rate - before;
        const floor = Math.floor(place);
        if (floor + 1 >= length && rate !== 1) break;
        const share = place - floor;
        for (let side = 0; side < 2; side += 1) {
          const last = side === 0 ? lastLeft : lastRight;
          const one = floor < 0 ? last : (samples[2 * floor + side] ?? 0);
          const other = samples[2 * (floor + 1) + side] ?? one;
          played[2 * filled + side] = one + (other - one) * share;
        }
      }
      made += filled;
      before += length;
      [lastLeft, lastRight] = [samples.at(-2) ?? 0, samples.at(-1) ?? 0];
      return filled === maxCount ? played : played.slice(0, 2 * filled);
    },
    get isFull() {
      return made >= count;
    },
  };
}
