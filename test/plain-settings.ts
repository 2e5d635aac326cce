import type { FilmSettings } from "../dist/film/model/film-settings.js";
import { classic } from "../dist/film/model/theme.js";

/** A film of which nothing was asked. */
export const plainSettings: FilmSettings = {
  width: 1920,
  height: 1080,
  fps: 30,
  quality: "draft",
  theme: classic,
  maxBytes: null,
  honoree: null,
  recogniser: null,
  captionLanguage: "und",
  music: null,
  maxSeconds: 43_200,
  strict: false,
};
