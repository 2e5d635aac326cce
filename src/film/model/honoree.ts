import type { Capsule } from "../../capsule/content.js";
import type { FilmSettings } from "./film-settings.js";

/** Returns the name of the person the film is for, from the capsule, or else from the settings. */
export function honoreeOf(capsule: Capsule, settings: Pick<FilmSettings, "honoree">): string | null {
  return capsule.honoree ?? settings.honoree;
}
