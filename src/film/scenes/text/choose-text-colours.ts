import type { Rgb } from "../../../colour/rgb.js";
import type { TextColours, Theme } from "../../model/theme.js";
import { maxShare, minContrast, minGraphicContrast } from "../../../colour/contrast.js";

/** What a name over a picture is drawn with, and how dense the scrim between the two must be. */
export interface PictureTextColours extends TextColours {
  readonly scrim: Rgb;
  /** 0 to 1. */
  readonly strength: number;
}

/** For the film's encoding and for lights smaller than what is measured. */
const contrastReserve = 0.5;
const graphicReserve = 0.3;
/** A scrim is there on easy pictures too, so that all names stand alike. */
const minScrim = 0.34;
const minBrightScrim = 0.2;
/** So dense a scrim is a fog over the picture; ink for bright pictures must do with much less. */
const densest = 0.5;
const muchLess = 0.6;

/**
 * The theme's ink for pictures, or its ink for bright ones where the first would need a fog and the second would not.
 * @param behind all that is ever behind the name
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

function withScrim(colours: Theme["onPicture"], behind: readonly Rgb[], least: number): PictureTextColours {
  const needs = [
    { colour: colours.type, ratio: minContrast + contrastReserve },
    { colour: colours.accent, ratio: minGraphicContrast + graphicReserve },
  ];
  return { ...colours, strength: 1 - maxShare(colours.scrim, behind, needs, 1 - least) };
}
