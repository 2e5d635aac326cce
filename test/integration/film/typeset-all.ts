import type { FilmSettings } from "../../../dist/film/model/film-settings.js";
import { frameUnits } from "../../../dist/film/model/frame-units.js";
import { createFontBook } from "../../../dist/film/typography/font-book.js";
import type { TextBox, TextPage } from "../../../dist/film/model/text-page.js";
import { createTypeset } from "../../../dist/film/typography/typeset.js";

/** Sets texts as a film of these settings does, each separately. */
export function typesetAll(
  requests: readonly { readonly text: string; readonly box: TextBox }[],
  settings: Pick<FilmSettings, "theme" | "width" | "height">,
): readonly (readonly TextPage[] | null)[] {
  const { theme } = settings;
  const typeset = createTypeset(theme, createFontBook(theme.type.weight), frameUnits(settings));
  return requests.map(({ text, box }) => typeset(text, box));
}
