import { contrastOf } from "../../colour/light.js";
import { minContrast, minGraphicContrast } from "../../colour/contrast.js";
import type { Rgb } from "../../colour/rgb.js";
import type { Theme } from "../model/theme.js";

/** A scrim can be as dense as it must be, but no denser: with this, half of the brightest picture still shows. */
const minOnScrim = 9;
/** A voice still to be heard is quiet, but not invisible, and not the same as what was heard. */
const minUnheard = 1.6;
const minHeardToUnheard = 1.3;

/**
 * What would make a film of this theme hard to read, as sentences that name the two values; a theme's parts may be
 * sound one by one and yet not together.
 * @returns none when the theme is sound
 */
export function themeFaults({ colours, onPicture, onBrightPicture, fill, type }: Theme): string[] {
  const faults: string[] = [];
  const pair = (over: string, one: Rgb, under: string, other: Rgb, least: number): void => {
    const ratio = contrastOf(one, other);
    if (ratio >= least) return;
    faults.push(
      `${over} ${hex(one)} on ${under} ${hex(other)} has a contrast of ${ratio.toFixed(2)} to 1, and needs ${least} to 1`,
    );
  };
  const backgrounds = [
    ["colours.background", colours.background],
    ["colours.backgroundLift", colours.backgroundLift],
    ["fill.colour", fill.colour],
  ] as const;
  for (const [under, background] of backgrounds) {
    for (const key of ["type", "label", "quiet"] as const) {
      pair(`colours.${key}`, colours[key], under, background, minContrast);
    }
    pair("colours.accent", colours.accent, under, background, minGraphicContrast);
    pair("colours.unheard", colours.unheard, under, background, minUnheard);
  }
  pair("colours.accent", colours.accent, "colours.unheard", colours.unheard, minHeardToUnheard);
  for (const [name, ink] of Object.entries({ onPicture, onBrightPicture })) {
    pair(`${name}.type`, ink.type, `${name}.scrim`, ink.scrim, minOnScrim);
    pair(`${name}.accent`, ink.accent, `${name}.scrim`, ink.scrim, minContrast);
    pair(`${name}.accent`, ink.accent, `${name}.unheard`, ink.unheard, minHeardToUnheard);
  }
  for (const key of ["wordsPx", "wordsBesidePhotoPx", "namePx", "closingNamePx"] as const) {
    if (type[key] >= type.minPx) continue;
    faults.push(`type.${key} (${type[key]}) is less than type.minPx (${type.minPx})`);
  }
  return faults;
}

function hex(colour: Rgb): string {
  return `#${colour.map((channel) => channel.toString(16).padStart(2, "0")).join("")}`;
}
