/**
 * Makes one film from prepared assets: set the words, plan the storyboard, paint the segments that no cache has while
 * the sound is mixed, join, and inspect the finished file. It does not depend on queues. Everything that draws or
 * encodes is a child process.
 */
import { stat, writeFile } from "node:fs/promises";
import path from "node:path";

import type { AssetProblem, PreparedAssets } from "../media/asset.js";
import { type CapsuleContent, isFileProblem } from "../capsule/content.js";
import { runBoth } from "../async/map-concurrent.js";
import { KeepsakeError } from "../errors.js";
import type { Recogniser } from "../speech/recogniser.js";
import { formatWebVtt } from "./captions/format-webvtt.js";
import type { Film } from "./model/film.js";
import type { FilmSettings } from "./model/film-settings.js";
import { honoreeOf } from "./model/honoree.js";
import { inspectFilm } from "./inspection/inspect.js";
import { planInspection } from "./inspection/inspection-plan.js";
import { joinFilm } from "./join/join.js";
import type { FilmRun } from "./model/film-run.js";
import { rejectLongContent, rejectLongFilm } from "./plan/film-length.js";
import { planFilm } from "./plan/plan-film.js";
import type { Storyboard } from "./plan/storyboard.js";
import { makePoster } from "./poster/poster.js";
import { paintFilm, type PaintedFilm } from "./segments/paint-film.js";
import {
  filmTooLarge,
  fullSoundBitsPerSecond,
  pictureBytesToFit,
  soundBitsToFit,
} from "./sizing/size-budget.js";
import type { FilmMusic } from "./sound/film-music.js";
import type { MixedSound } from "./sound/mix.js";
import { quietWarnings } from "./sound/quiet-warnings.js";
import { mixFilm, type MixFilmOptions } from "./sound/mix-film.js";

/** Everything that `makeFilm` needs. The finished film is written into `folder`. */
export interface MakeFilmRequest extends FilmRun {
  readonly content: CapsuleContent;
  readonly assets: PreparedAssets;
  /** Result of `fingerprintOf` for the content, the assets and the settings. */
  readonly fingerprint: string;
  /** Music under the film: the file or bed that `settings.music` identifies. */
  readonly music: FilmMusic | null;
  /** The recogniser that `settings.recogniser` identifies. */
  readonly recogniser: Recogniser | null;
}

/**
 * @throws KeepsakeError `media-missing` in strict mode, `film-too-long`, `film-too-slow`, `film-too-large`, `film-…`
 *   when the film fails inspection; the signal's reason
 */
export async function makeFilm(request: MakeFilmRequest): Promise<Film> {
  const { content, assets, settings, fingerprint, folder, signal, onProgress } = request;
  const problems = [...assets.values()].flatMap((media) => media.problems);
  if (settings.strict) rejectWarnings(problems);
  rejectLongContent(content.messages, assets, settings);
  const { storyboard, problems: speechProblems } = await planFilm(request);
  rejectLongFilm(storyboard.frameCount / settings.fps, settings);
  const film = path.join(folder, "film.mp4");
  const poster = path.join(folder, "poster.jpg");
  const captions = path.join(folder, "captions.vtt");

  const timeoutSeconds = childSeconds(storyboard, settings);
  const { painted, sound, soundBitsPerSecond } = await paintAndMix(storyboard, {
    ...request,
    timeoutSeconds,
  });
  const warnings = [
    ...(content.problems ?? []).filter((problem) => !isFileProblem(problem)),
    ...problems,
    ...speechProblems,
    ...quietWarnings(storyboard, sound.levels),
  ];
  const { segments, ...encoding } = painted;
  const { width, height } = encoding;

  onProgress({ stage: "joining", done: 0, total: 1, unit: "files" });
  const { sizeBytes, sha256 } = await joinFilm(
    {
      segments,
      sound,
      fps: settings.fps,
      chapters: storyboard.chapters,
      captions: storyboard.captions,
      captionLanguage: settings.captionLanguage,
      title: honoreeOf(content.capsule, settings),
      date: content.capsule.diedOn,
      path: film,
    },
    { folder, signal, timeoutSeconds },
  );
  if (settings.maxBytes !== null && sizeBytes > settings.maxBytes) throw filmTooLarge(settings.maxBytes);
  await makePoster(
    { film, frame: posterFrame(storyboard), path: poster },
    { folder, signal, timeoutSeconds },
  );
  await writeFile(captions, formatWebVtt(storyboard.captions, settings.fps));
  onProgress({ stage: "joining", done: 1, total: 1, unit: "files" });

  const { frameCount } = storyboard;
  onProgress({ stage: "inspecting", done: 0, total: frameCount, unit: "frames" });
  const plan = planInspection({
    content,
    assets,
    storyboard,
    settings: { ...settings, width, height },
    loudness: sound.target,
    levels: sound.levels,
  });
  const { loudness } = await inspectFilm(
    { path: film, plan, segments, sha256 },
    {
      folder,
      signal,
      timeoutSeconds,
      onProgress: ({ done }) => onProgress({ stage: "inspecting", done, total: frameCount, unit: "frames" }),
    },
  );
  onProgress({ stage: "inspecting", done: frameCount, total: frameCount, unit: "frames" });

  return {
    film,
    poster,
    captions,
    fingerprint,
    frameCount,
    durationSeconds: frameCount / settings.fps,
    sizeBytes,
    sha256,
    encoding: { ...encoding, soundBitsPerSecond, maxBytes: settings.maxBytes },
    scenes: storyboard.scenes.map(({ messageId, content: { kind }, firstFrame, frameCount: frames }) => ({
      messageId,
      kind,
      firstFrame,
      frameCount: frames,
    })),
    warnings,
    loudness,
  };
}

interface PaintedAndMixed {
  readonly painted: PaintedFilm;
  readonly sound: MixedSound;
  readonly soundBitsPerSecond: number;
}

/**
 * Makes pictures and sound at the same time. Where the film has a size limit the sound comes first, because the
 * pictures get the bytes that it leaves.
 *
 * @throws KeepsakeError `film-too-large`
 */
async function paintAndMix(
  storyboard: Storyboard,
  run: FilmRun & Omit<MixFilmOptions, "bitsPerSecond">,
): Promise<PaintedAndMixed> {
  const { maxBytes, fps } = run.settings;
  if (maxBytes === null) {
    const soundBitsPerSecond = fullSoundBitsPerSecond;
    const [painted, sound] = await runBoth(
      run.signal,
      (signal) => paintFilm(storyboard, null, { ...run, signal }),
      (signal) => mixFilm(storyboard, { ...run, signal, bitsPerSecond: soundBitsPerSecond }),
    );
    return { painted, sound, soundBitsPerSecond };
  }
  const { frameCount, captions, chapters } = storyboard;
  const texts = [...captions.map(({ text }) => text), ...chapters.map(({ title }) => title)];
  const film = { frameCount, fps, textBytes: Buffer.byteLength(texts.join("")) };
  const soundBitsPerSecond = soundBitsToFit(maxBytes, film);
  const sound = await mixFilm(storyboard, { ...run, bitsPerSecond: soundBitsPerSecond });
  const pictureBytes = pictureBytesToFit(maxBytes, { ...film, soundBytes: (await stat(sound.path)).size });
  const painted = await paintFilm(storyboard, { pictureBytes, maxBytes }, run);
  return { painted, sound, soundBitsPerSecond };
}

function rejectWarnings(warnings: readonly AssetProblem[]): void {
  const [first] = warnings;
  if (first === undefined) return;
  throw new KeepsakeError(
    "media-missing",
    `${warnings.length} file(s) cannot be in the film, and KEEPSAKE_STRICT is on. Replace them in the app, or set ` +
      `KEEPSAKE_STRICT to false. The first is ${first.field} of message ${first.messageId}: ${first.reason}`,
  );
}

/** A frame of the opening after the name has faded in. */
function posterFrame({ fadeFromBlackFrames, dissolveFrames, scenes }: Storyboard): number {
  const opening = scenes[0]?.frameCount ?? 1;
  return Math.max(0, Math.min(fadeFromBlackFrames * 2, opening - dissolveFrames - 1));
}

/** Time limit of a child process: ten minutes and ten times the film's length, far more than any stage needs. */
function childSeconds({ frameCount }: Storyboard, { fps }: FilmSettings): number {
  return 600 + (10 * frameCount) / fps;
}
