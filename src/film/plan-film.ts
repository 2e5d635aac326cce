import type { AssetProblem } from "../assets/asset.js";
import { hearMessages } from "../speech/hear-messages.js";
import { frameUnits } from "./frame-units.js";
import type { MakeFilmRequest } from "./make-film.js";
import { paginateNames } from "./scenes/paginate-names.js";
import { contributorNames, createStoryboard, type Storyboard } from "./storyboard.js";
import { typesetMessages } from "./typeset-messages.js";

export interface PlannedFilm {
  readonly storyboard: Storyboard;
  /** What could not be recognised; costs captions alone. */
  readonly problems: readonly AssetProblem[];
}

/** Hears what nobody wrote down, sets the words and gives every scene its frames. */
export async function planFilm(request: MakeFilmRequest): Promise<PlannedFilm> {
  const { content, assets, settings, folder, signal } = request;
  const heard = await hearMessages({ ...request, messages: content.messages });
  const storyboard = createStoryboard({
    content,
    assets,
    words: await typesetMessages(content.messages, assets, settings, { folder, signal }),
    recognised: heard.recognised,
    namePages: paginateNames(contributorNames(content.messages), frameUnits(settings)),
    settings,
    timing: settings.theme.timing,
  });
  return { storyboard, problems: heard.problems };
}
