import type { AssetProblem, PreparedAssets } from "../../media/asset.js";
import type { CapsuleContent, Message } from "../../capsule/content.js";
import { runChild } from "../../process/run-child.js";
import { transcribeMessages } from "../../speech/transcribe-messages.js";
import type { Recogniser } from "../../speech/recogniser.js";
import type { FilmRun } from "../model/film-run.js";
import type { LayOutInput } from "./lay-out-film.js";
import type { Storyboard } from "./storyboard.js";

export interface PlanFilmRequest extends Pick<
  FilmRun,
  "settings" | "cache" | "cores" | "folder" | "signal" | "onProgress"
> {
  readonly content: CapsuleContent;
  readonly assets: PreparedAssets;
  /** Recognises speech in recordings without a transcript; null where nothing does. */
  readonly recogniser: Recogniser | null;
}

export interface PlannedFilm {
  readonly storyboard: Storyboard;
  /** Recordings that could not be transcribed: they are in the film, without captions. */
  readonly problems: readonly AssetProblem[];
}

/** Maximum size of the answer: enough for the typeset lines of a capsule as long as a book. */
const maxAnswerBytes = 256 * 1024 ** 2;

/**
 * Transcribes recordings without a transcript, sets the words and gives every scene its frames. Setting the words of a
 * long capsule takes seconds, so a child process does it.
 *
 * @throws KeepsakeError `child-crashed`, `child-timed-out`; the signal's reason
 */
export async function planFilm(request: PlanFilmRequest): Promise<PlannedFilm> {
  const { content, assets, settings, folder, signal } = request;
  const { recognised, problems } = await transcribeMessages({ ...request, messages: content.messages });
  const storyboard = await runChild<LayOutInput, Storyboard>(
    new URL("./plan-child.js", import.meta.url),
    { content, assets, recognised, settings },
    { folder, maxAnswerBytes, signal, timeoutSeconds: planningSeconds(content.messages) },
  );
  return { storyboard, problems };
}

/** Time limit. Setting a character takes at most a thousandth of a second, in scripts with many forms. */
function planningSeconds(messages: readonly Message[]): number {
  const characters = messages.reduce(
    (sum, { text, transcript }) => sum + (text?.length ?? 0) + (transcript?.length ?? 0),
    0,
  );
  return 60 + 4 * messages.length + characters / 100;
}
