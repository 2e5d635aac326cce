import { stat } from "node:fs/promises";

import type { Asset, SoundAsset } from "../media/asset.js";
import { prepareAsset } from "../assets/open-preparers.js";
import type { Config } from "../settings/config.js";
import { hashFile } from "../files/hash-file.js";
import { KeepsakeError } from "../errors.js";
import { ambient, type FilmMusic } from "../film/sound/film-music.js";
import { openWorkFolder } from "../files/work-folder.js";

export interface Music extends AsyncDisposable {
  /** What films are made with, as `FilmSettings.music`. */
  readonly name: string | null;
  readonly sound: FilmMusic | null;
}

/** Music is played under every film: a whole hour of it would only fill the disk. */
const largestBytes = 500_000_000;

/**
 * Decodes what `KEEPSAKE_MUSIC` names, once for all films; like any file of strangers in a child process.
 *
 * @throws KeepsakeError `music-unusable`; `setting-invalid` when the work folder cannot be written to
 */
export async function openMusic(
  { music, workFolder }: Pick<Config, "music" | "workFolder">,
  signal: AbortSignal,
): Promise<Music> {
  if (music === null) return { name: null, sound: null, async [Symbol.asyncDispose]() {} };
  if (music === "ambient") {
    const name = `${ambient.kind}-${ambient.version}`;
    return { name, sound: ambient, async [Symbol.asyncDispose]() {} };
  }
  const folder = await openWorkFolder(workFolder);
  try {
    const { sizeBytes, sha256 } = await readMusicFile(music);
    const { asset } = await prepareAsset({ path: music, sha256, folder: folder.path }, { sizeBytes, signal });
    return {
      name: sha256,
      sound: soundOf(asset),
      [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
    };
  } catch (error) {
    await folder[Symbol.asyncDispose]();
    if (error instanceof KeepsakeError && error.fault === "file") throw unusable(error.message, error);
    throw error;
  }
}

async function readMusicFile(file: string) {
  try {
    const { size } = await stat(file);
    if (size > largestBytes) throw unusable(`It is larger than ${largestBytes / 1e6} MB.`);
    return await hashFile(file);
  } catch (error) {
    if (error instanceof KeepsakeError) throw error;
    throw unusable(`${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`, error);
  }
}

/** Of a video only its sound is played. */
function soundOf(asset: Asset): SoundAsset {
  const sound = asset.kind === "clip" ? asset.sound : asset;
  if (sound === null || sound.kind !== "sound" || sound.integratedLufs === null) {
    throw unusable("Nothing can be heard in it.");
  }
  return sound;
}

function unusable(why: string, cause?: unknown): KeepsakeError {
  return new KeepsakeError(
    "music-unusable",
    `The music that KEEPSAKE_MUSIC names cannot be played: ${why} ` +
      "Set it to a sound file (MP3, M4A, FLAC, WAV, Ogg), to ambient, or to none.",
    { cause },
  );
}
