import { matrixProfile, type ColourSpace } from "./matrix-profile.js";

type Gamut = Omit<ColourSpace, "curve">;

const d65 = [0.3127, 0.329] as const;

const bt709: Gamut = { red: [0.64, 0.33], green: [0.3, 0.6], blue: [0.15, 0.06], white: d65 };

/** Primaries by their code points in ITU-T H.273, table 2, whose colours would look pale or wrong as sRGB. */
const wideGamuts: ReadonlyMap<number, Gamut> = new Map([
  [9, { red: [0.708, 0.292], green: [0.17, 0.797], blue: [0.131, 0.046], white: d65 }],
  [11, { red: [0.68, 0.32], green: [0.265, 0.69], blue: [0.15, 0.06], white: [0.314, 0.351] }],
  [12, { red: [0.68, 0.32], green: [0.265, 0.69], blue: [0.15, 0.06], white: d65 }],
]);

/** Gamma by the code points in table 3. All others of standard range are close enough to sRGB's curve. */
const powers: ReadonlyMap<number, number> = new Map([
  [4, 2.2],
  [5, 2.8],
  [8, 1],
]);

/** Creates the profile for the code points of primaries and transfer; null when they are close to sRGB. */
export function findNamedProfile(primaries: number, transfer: number): Buffer | null {
  const gamut = wideGamuts.get(primaries);
  const power = powers.get(transfer);
  if (gamut === undefined && power === undefined) return null;
  return matrixProfile({ ...(gamut ?? bt709), curve: power ?? "srgb" });
}

/** Creates the profile of Adobe RGB (Adobe RGB (1998) encoding, version 2005-05, 4.3.1). */
export function adobeRgbProfile(): Buffer {
  return matrixProfile({ ...bt709, green: [0.21, 0.71], curve: 563 / 256 });
}
