import type { Capsule } from "../../capsule/content.js";
import type { FilmSettings } from "./film-settings.js";

/** Whom the film is for: as the capsule says, else as the settings do. */
export function honoreeOf(capsule: Capsule, settings: Pick<FilmSettings, "honoree">): string | null {
  return capsule.honoree ?? settings.honoree;
}
