import { createCanvas } from "@napi-rs/canvas";

import type { PreparedAssets } from "../../media/asset.js";
import type { CapsuleContent } from "../../capsule/content.js";
import type { RecognisedSpeech } from "../../speech/transcribe-messages.js";
import type { FilmSettings } from "../model/film-settings.js";
import { frameUnits } from "../model/frame-units.js";
import { paginateNames } from "../scenes/names/paginate-names.js";
import { contributorNames } from "./contributor-names.js";
import { createStoryboard, type Storyboard } from "./storyboard.js";
import { createFontBook } from "../typography/font-book.js";
import { createTypeset } from "../typography/typeset.js";
import { typesetMessages } from "./typeset-messages.js";

export interface LayOutInput {
  readonly content: CapsuleContent;
  readonly assets: PreparedAssets;
  readonly recognised: RecognisedSpeech;
  readonly settings: FilmSettings;
}

/** Sets all words of a film and makes its storyboard. It loads the fonts, so it belongs in a child process. */
export function layOutFilm({ content, assets, recognised, settings }: LayOutInput): Storyboard {
  const { messages } = content;
  const { theme } = settings;
  const frame = frameUnits(settings);
  const fonts = createFontBook(theme.type.weight);
  const context = createCanvas(16, 16).getContext("2d");
  context.lang = "en";
  return createStoryboard({
    content,
    assets,
    words: typesetMessages(messages, assets, createTypeset(theme, fonts, frame)),
    recognised,
    namePages: paginateNames({ theme, fonts, context, frame }, contributorNames(messages)),
    settings,
  });
}
