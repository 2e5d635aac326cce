import type { Capsule } from "../../capsule/content.js";
import type { Log } from "../../log.js";
import type { FilmSettings } from "../model/film-settings.js";
import type { Theme } from "../model/theme.js";

/**
 * Returns the settings of one capsule's film. The capsule's row may name another theme than the setting does. This is
 * decided once, before the fingerprint, so that the fingerprint and the film use the same theme. An unknown name
 * changes nothing.
 *
 * @param themes the themes to choose from
 */
export function chooseTheme<Settings extends Pick<FilmSettings, "theme">>(
  settings: Settings,
  themes: readonly Theme[],
  capsule: Capsule,
  log: Log,
): Settings {
  const wanted = capsule.theme?.trim().toLowerCase();
  if (wanted === undefined) return settings;
  const theme = themes.find(({ name }) => name.toLowerCase() === wanted);
  if (theme !== undefined) return { ...settings, theme };
  log.warn(
    { themes: themes.map(({ name }) => name), used: settings.theme.name },
    "the capsule's row names a theme that is not known",
  );
  return settings;
}
