/**
 * Makes one film of prepared assets: set the words, plan the storyboard, paint what was never painted before while
 * the sound is mixed, join, look at the result as a stranger would. Knows no queue. Everything that draws or encodes
 * is a child process.
 */
import { writeFile } from "node:fs/promises";
import path from "node:path";

import type { AssetProblem, DecodePhotos, PreparedAssets } from "../media/asset.js";
import type { DiskCache } from "../cache/disk-cache.js";
import { type CapsuleContent, isFileProblem } from "../capsule/content.js";
import { KeepsakeError } from "../errors.js";
import type { ReportProgress } from "../progress.js";
import type { Recogniser } from "../speech/recogniser.js";
import { formatWebVtt } from "./captions/format-webvtt.js";
import type { Film } from "./model/film.js";
import { refuseLongContent, refuseLongFilm } from "./plan/film-length.js";
import type { FilmSettings } from "./model/film-settings.js";
import { honoreeOf } from "./model/honoree.js";
import { inspectFilm } from "./inspection/inspect.js";
import { planInspection } from "./inspection/inspection-plan.js";
import { joinFilm } from "./join/join.js";
import { paintAndMix } from "./paint-and-mix.js";
import { planFilm } from "./plan/plan-film.js";
import { makePoster } from "./poster/poster.js";
import { filmTooLarge } from "./sizing/film-too-large.js";
import type { FilmMusic } from "./sound/film-music.js";
import { quietWarnings } from "./sound/quiet-warnings.js";
import type { Storyboard } from "./plan/storyboard.js";

export interface MakeFilmRequest {
  readonly content: CapsuleContent;
  readonly assets: PreparedAssets;
  readonly decodePhotos: DecodePhotos;
  readonly settings: FilmSettings;
  /** As `fingerprintOf` computes it of the content, the assets and the settings. */
  readonly fingerprint: string;
  /** Played under the film; what `settings.music` names. */
  readonly music: FilmMusic | null;
  /** Of `settings.recogniser`. */
  readonly recogniser: Recogniser | null;
  /** What other films and earlier attempts left. */
  readonly cache: DiskCache;
  /** Children that draw or encode at the same time. */
  readonly cores: number;
  /** What one attempt may take; null: as long as it likes. */
  readonly mostSeconds: number | null;
  /** Private folder for all files of this film; the result lies in it too. */
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly onProgress: ReportProgress;
}

/**
 * @throws KeepsakeError `media-missing` in strict mode, `film-too-long`, `film-too-slow`, `film-too-large`, `film-…` when the film
 *   fails inspection; the signal's reason
 */
export async function makeFilm(request: MakeFilmRequest): Promise<Film> {
  const { content, assets, settings, fingerprint, folder, signal, onProgress } = request;
  const problems = [...assets.values()].flatMap((media) => media.problems);
  if (settings.strict) refuseWarnings(problems);
  refuseLongContent(content.messages, assets, settings);
  const { storyboard, problems: unheard } = await planFilm(request);
  refuseLongFilm(storyboard.frameCount / settings.fps, settings);
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
    ...unheard,
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

function refuseWarnings(warnings: readonly AssetProblem[]): void {
  const [first] = warnings;
  if (first === undefined) return;
  throw new KeepsakeError(
    "media-missing",
    `${warnings.length} file(s) cannot be in the film and KEEPSAKE_STRICT is on; ` +
      `the first is ${first.field} of message ${first.messageId}: ${first.reason}`,
  );
}

/** The opening, once the name has faded in. */
function posterFrame({ fadeFromBlackFrames, dissolveFrames, scenes }: Storyboard): number {
  const opening = scenes[0]?.frameCount ?? 1;
  return Math.max(0, Math.min(fadeFromBlackFrames * 2, opening - dissolveFrames - 1));
}

/** Ten minutes and ten times the film's own length: far more than any stage needs, and yet an end. */
function childSeconds({ frameCount }: Storyboard, { fps }: FilmSettings): number {
  return 600 + (10 * frameCount) / fps;
}
