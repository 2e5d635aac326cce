import type { Rgb } from "../../../colour/rgb.js";
import type { TextColours, Theme } from "../../model/theme.js";
import { maxShare, minContrast, minGraphicContrast } from "../../../colour/contrast.js";

/** Colours of a name over a picture, and the density of the scrim between the two. */
export interface PictureTextColours extends TextColours {
  readonly scrim: Rgb;
  /** Opacity, 0 to 1. */
  readonly strength: number;
}

/** Contrast added to the minimum, for changes by the encoder and for details smaller than a measured block. */
const contrastReserve = 0.5;
const graphicReserve = 0.3;
/** Minimum opacity of the scrim. Every picture gets one, so that all names look alike. */
const minScrim = 0.34;
const minBrightScrim = 0.2;
/**
 * A scrim denser than this looks like fog. The colours for bright pictures are then used if they need at most
 * `muchLess` of its opacity.
 */
const densest = 0.5;
const muchLess = 0.6;

/**
 * Chooses the theme's colours for pictures, or those for bright pictures where the first would need a dense scrim and
 * the second would not.
 *
 * @param behind all colours that are ever behind the name
 */
export function chooseTextColours(
  { onPicture, onBrightPicture }: Theme,
  behind: readonly Rgb[],
): PictureTextColours {
  const usual = withScrim(onPicture, behind, minScrim);
  if (usual.strength <= densest) return usual;
  const bright = withScrim(onBrightPicture, behind, minBrightScrim);
  return bright.strength < usual.strength * muchLess ? bright : usual;
}

function withScrim(
  colours: Theme["onPicture"],
  behind: readonly Rgb[],
  minStrength: number,
): PictureTextColours {
  const needs = [
    { colour: colours.type, ratio: minContrast + contrastReserve },
    { colour: colours.accent, ratio: minGraphicContrast + graphicReserve },
  ];
  return { ...colours, strength: 1 - maxShare(colours.scrim, behind, needs, 1 - minStrength) };
}
