import type { Edit } from "../asset.js";
import { decodeSound, findSoundStart as findStoredStart, type DecodeSoundOptions } from "./decode-sound.js";
import type { FrameSource } from "../open-frames.js";
import { sampleRate } from "./sound-format.js";

export interface EditedSource extends FrameSource {
  /** The stretches that a track is played in, where they are not played as they are stored. */
  readonly edits?: readonly Edit[];
}

/** Silence is written in pieces of so many samples. */
const pieceSamples = sampleRate;

/**
 * As `decodeSound`, by the movie's clock where an edit list plays stretches of the sound slower or faster: lower or
 * higher then, as a tape would be and QuickTime does, so that it stays with the pictures. Where the track plays nothing
 * or stands, there is silence.
 *
 * @returns decoded seconds of what is stored; 0 when nothing could be decoded
 */
export async function decodeEditedSound(source: EditedSource, options: DecodeSoundOptions): Promise<number> {
  const { edits, ...stored } = source;
  if (edits === undefined) return await decodeSound(stored, options);
  const media = { ...stored, ignoresEdits: true };
  const startSeconds = options.startSeconds ?? firstHeard(edits);
  let writtenSamples = 0;
  let decodedSeconds = 0;
  let wantsMore = true;

  /** To this place of the movie, in samples of the result. */
  const beSilentUntil = async (endSample: number): Promise<void> => {
    while (wantsMore && writtenSamples < endSample) {
      const count = Math.min(pieceSamples, endSample - writtenSamples);
      writtenSamples += count;
      wantsMore = await options.onSamples(new Float32Array(2 * count));
    }
  };

  for (const edit of edits) {
    const endSample = sampleAt(edit.startSeconds + edit.durationSeconds, startSeconds);
    if (!wantsMore) break;
    if (endSample <= writtenSamples) continue;
    await beSilentUntil(sampleAt(edit.startSeconds, startSeconds));
    if (edit.mediaSeconds !== null && edit.rate > 0) {
      // Where the stretch began before what is wanted, that part of it is left out.
      const lateSeconds = Math.max(0, startSeconds - edit.startSeconds);
      const stretch = createStretch(edit.rate, endSample - writtenSamples);
      decodedSeconds += await decodeSound(media, {
        ...options,
        // Their times are those of what is stored.
        onFrame: undefined,
        startSeconds: edit.mediaSeconds + lateSeconds * edit.rate,
        async onSamples(samples) {
          const played = stretch.push(samples);
          writtenSamples += played.length / 2;
          if (played.length > 0) wantsMore = await options.onSamples(played);
          return wantsMore && !stretch.isFull;
        },
      });
    }
    await beSilentUntil(endSample);
  }
  return decodedSeconds;
}

/** As `decode-sound`'s, by the movie's clock. */
export async function findSoundStart(source: EditedSource): Promise<number | null> {
  const { edits, ...stored } = source;
  return edits === undefined ? await findStoredStart(stored) : firstHeard(edits);
}

function firstHeard(edits: readonly Edit[]): number {
  return edits.find(({ mediaSeconds, rate }) => mediaSeconds !== null && rate > 0)?.startSeconds ?? 0;
}

function sampleAt(seconds: number, startSeconds: number): number {
  return Math.max(0, Math.round((seconds - startSeconds) * sampleRate));
}

interface Stretch {
  /** @returns the part of the result that these samples of the media make up */
  push(samples: Float32Array<ArrayBuffer>): Float32Array<ArrayBuffer>;
  readonly isFull: boolean;
}

/** Plays stereo samples at another rate, between samples along a straight line, until there are `count` of them. */
function createStretch(rate: number, count: number): Stretch {
  let made = 0;
  /** Of the media: how many samples came before those that are pushed now, and the last of them. */
  let before = 0;
  let [lastLeft, lastRight] = [0, 0];
  return {
    push(samples) {
      const length = samples.length / 2;
      const most = Math.min(count - made, Math.max(0, Math.ceil((before + length) / rate) - made));
      const played = new Float32Array(2 * most);
      let filled = 0;
      for (; filled < most; filled += 1) {
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
      return filled === most ? played : played.slice(0, 2 * filled);
    },
    get isFull() {
      return made >= count;
    },
  };
}
