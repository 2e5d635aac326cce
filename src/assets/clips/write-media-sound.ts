import type { SoundAsset } from "../../media/asset.js";
import type { EditedSource } from "../../media/sound/edited-sound.js";
import type { WrittenSound } from "../../media/sound/write-sound.js";
import { findSound, type SoundOptions } from "./find-sound.js";
import { sourceOf, type MediaInput, type Streams } from "./media-streams.js";
import { noMeter } from "./work-meter.js";

/** Limit of one message; a film is watched in one sitting. */
const maxSoundSeconds = 3600;

/** A longer gap in the timestamps of a voice note is a broken clock. Beside pictures it is silence. */
export const maxVoiceGapSeconds = 10;

/** Writes the sound of a file to `path`. @returns null when no sound can be decoded */
export async function writeMediaSound(
  input: MediaInput,
  streams: Streams,
  path: string,
  start: Pick<SoundOptions, "startSeconds" | "maxGapSeconds">,
): Promise<WrittenSound | null> {
  const meter = input.meter ?? noMeter;
  const onSeconds = (seconds: number): void => meter.sound(seconds);
  const source = (streamIndex: number): EditedSource => sourceOf(input, streams, streamIndex);
  const { choices } = streams.sound;
  return await findSound(source, choices, { path, ...start, maxSeconds: maxSoundSeconds, onSeconds });
}

export function toSoundAsset({ sha256 }: MediaInput, path: string, sound: WrittenSound): SoundAsset {
  const { sampleCount, fileLevels, integratedLufs, truePeakDbtp } = sound;
  const speech = sound.speech
    .filter(({ firstSample }) => firstSample < sampleCount)
    .map(({ firstSample, endSample }) => ({ firstSample, endSample: Math.min(endSample, sampleCount) }));
  const levels = fileLevels === null ? {} : { fileLevels };
  return { kind: "sound", path, sampleCount, speech, ...levels, integratedLufs, truePeakDbtp, sha256 };
}
