import { contrastOf } from "../../colour/light.js";
import { minContrast, minGraphicContrast } from "../../colour/contrast.js";
import type { Rgb } from "../../colour/rgb.js";
import type { Theme } from "../model/theme.js";

/** Minimum contrast on a scrim. With less, a scrim would have to hide more than half of the brightest picture. */
const minOnScrim = 9;
/** Contrast of the waveform that is still to come: quiet, but visible, and different from what was already heard. */
const minUnheard = 1.6;
const minHeardToUnheard = 1.3;

/**
 * Describes what would make a film of this theme hard to read, in sentences that name the two values. Parts of a theme
 * that are valid separately may not be valid together.
 *
 * @returns an empty list when the theme is valid
 */
export function themeFaults({ colours, onPicture, onBrightPicture, fill, type }: Theme): string[] {
  const faults: string[] = [];
  const pair = (over: string, one: Rgb, under: string, other: Rgb, minRatio: number): void => {
    const ratio = contrastOf(one, other);
    if (ratio >= minRatio) return;
    faults.push(
      `${over} ${hex(one)} on ${under} ${hex(other)} has a contrast of ${ratio.toFixed(2)} to 1, and needs ${minRatio} to 1`,
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
  for (const [name, text] of Object.entries({ onPicture, onBrightPicture })) {
    pair(`${name}.type`, text.type, `${name}.scrim`, text.scrim, minOnScrim);
    pair(`${name}.accent`, text.accent, `${name}.scrim`, text.scrim, minContrast);
    pair(`${name}.accent`, text.accent, `${name}.unheard`, text.unheard, minHeardToUnheard);
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
