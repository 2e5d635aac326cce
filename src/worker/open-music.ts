import { stat } from "node:fs/promises";

import { prepareAsset } from "../assets/open-preparers.js";
import { KeepsakeError } from "../errors.js";
import { hashFile } from "../files/hash-file.js";
import { openWorkFolder } from "../files/work-folder.js";
import { ambient, type FilmMusic } from "../film/sound/film-music.js";
import type { Asset, SoundAsset } from "../media/asset.js";
import type { Config } from "../settings/config.js";

export interface Music extends AsyncDisposable {
  /** The value of `FilmSettings.music`. */
  readonly name: string | null;
  readonly sound: FilmMusic | null;
}

/** No music, for films without a setting. */
export const noMusic: Pick<Music, "name" | "sound"> = { name: null, sound: null };

type MusicConfig = Pick<Config, "music" | "workFolder">;

/** The same music is played in every film, so hours of it would only fill the disk. */
const maxBytes = 500_000_000;

/**
 * Decodes the file that `KEEPSAKE_MUSIC` names, once for all films, in a child process like every other file.
 *
 * @throws KeepsakeError `music-unusable`; `setting-invalid` when the work folder cannot be written to
 */
export async function openMusic({ music, workFolder }: MusicConfig, signal: AbortSignal): Promise<Music> {
  if (music === null) return { ...noMusic, async [Symbol.asyncDispose]() {} };
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

/** Music that is opened only once, when it is first needed: its decoding needs a machine that can run child processes. */
export interface LazyMusic extends AsyncDisposable {
  /** @throws KeepsakeError the errors of `openMusic` */
  readonly open: () => Promise<Music>;
}

export function createLazyMusic(config: MusicConfig, signal: AbortSignal): LazyMusic {
  let opened: Promise<Music> | null = null;
  return {
    open: async () => {
      opened ??= openMusic(config, signal);
      return await opened;
    },
    [Symbol.asyncDispose]: async () => {
      const music = await opened?.catch(() => null);
      await music?.[Symbol.asyncDispose]();
    },
  };
}

async function readMusicFile(file: string) {
  try {
    const { size } = await stat(file);
    if (size > maxBytes) throw unusable(`It is larger than ${maxBytes / 1e6} MB.`);
    return await hashFile(file);
  } catch (error) {
    if (error instanceof KeepsakeError) throw error;
    throw unusable(`${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`, error);
  }
}

/** Only the sound of a video is played. */
function soundOf(asset: Asset): SoundAsset {
  const sound = asset.kind === "clip" ? asset.sound : asset;
  if (sound === null || sound.kind !== "sound" || sound.integratedLufs === null) {
    throw unusable("It has no audible sound.");
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
