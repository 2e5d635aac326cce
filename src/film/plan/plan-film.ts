import type { AssetProblem } from "../../media/asset.js";
import type { Message } from "../../capsule/content.js";
import { runChild } from "../../process/run-child.js";
import { transcribeMessages } from "../../speech/transcribe-messages.js";
import type { MakeFilmRequest } from "../make-film.js";
import type { LayOutInput } from "./lay-out-film.js";
import type { Storyboard } from "./storyboard.js";

export interface PlannedFilm {
  readonly storyboard: Storyboard;
  /** What could not be recognised; costs captions alone. */
  readonly problems: readonly AssetProblem[];
}

/** The lines of a long book, each letter in its place. */
const maxAnswerBytes = 256 * 1024 ** 2;

/**
 * Hears what nobody wrote down, sets the words and gives every scene its frames. Setting a long book of words takes
 * seconds, so it is done in a child process.
 *
 * @throws KeepsakeError `child-crashed`, `child-timed-out`; the signal's reason
 */
export async function planFilm(request: MakeFilmRequest): Promise<PlannedFilm> {
  const { content, assets, settings, folder, signal } = request;
  const { recognised, problems } = await transcribeMessages({ ...request, messages: content.messages });
  const storyboard = await runChild<LayOutInput, Storyboard>(
    new URL("./plan-child.js", import.meta.url),
    { content, assets, recognised, settings },
    { folder, maxAnswerBytes, signal, timeoutSeconds: planningSeconds(content.messages) },
  );
  return { storyboard, problems };
}

/** Setting a character takes a thousandth of a second at most, where its script has many forms. */
function planningSeconds(messages: readonly Message[]): number {
  const characters = messages.reduce(
    (sum, { text, transcript }) => sum + (text?.length ?? 0) + (transcript?.length ?? 0),
    0,
  );
  return 60 + 4 * messages.length + characters / 100;
}
