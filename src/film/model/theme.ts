import type { Rgb } from "../../colour/rgb.js";
import { labelsByLanguage, type Labels } from "./labels.js";
import { calmTiming, type Timing } from "./timing.js";

/** Colours, type, timing and labels of a film, as data. Sizes are in reference units (`FrameUnits`). */
export interface Theme {
  readonly name: string;
  readonly colours: ThemeColours;
  /** Colours of names and waveforms over a photo or clip that fills the frame, on a scrim. */
  readonly onPicture: TextColours & { readonly scrim: Rgb };
  /** The same colours for a picture so bright that a dark scrim would look like fog. */
  readonly onBrightPicture: TextColours & { readonly scrim: Rgb };
  readonly fill: Fill;
  readonly type: ThemeType;
  readonly timing: Timing;
  readonly labels: Labels;
}

/** Colours of names and waveforms. */
export interface TextColours {
  readonly type: Rgb;
  /** The short rule above a name, the quotation mark, and the part of a waveform that was already heard. */
  readonly accent: Rgb;
  /** The part of a waveform that is still to come. */
  readonly unheard: Rgb;
}

interface ThemeColours extends TextColours {
  /** Colours of a card at its edges, and at its lightest place. */
  readonly background: Rgb;
  readonly backgroundLift: Rgb;
  /** Colour of labels, between that of the accent and that of the text. */
  readonly label: Rgb;
  /** Colour of page numbers, and of the line about files that could not be included. */
  readonly quiet: Rgb;
}

/**
 * The fill behind a photo or clip that does not fill the frame: the picture itself, blurred and mixed into a colour.
 */
interface Fill {
  readonly colour: Rgb;
  /** Maximum share of the picture in the fill, 0 to 1; less where words would not be readable on it. */
  readonly share: number;
  /** Opacity of the shadow under a photo, 0 to 1. */
  readonly shadowOpacity: number;
}

interface ThemeType {
  readonly weight: number;
  readonly wordsPx: number;
  readonly wordsBesidePhotoPx: number;
  readonly namePx: number;
  readonly openingNamePx: number;
  readonly datesPx: number;
  readonly labelPx: number;
  /** Letter-spacing of labels, in em. */
  readonly labelTrackingEm: number;
  readonly quietPx: number;
  readonly closingNamePx: number;
  /** Minimum size of everything that a person wrote. */
  readonly minPx: number;
}

export const classic: Theme = {
  name: "classic",
  colours: {
    background: [0x17, 0x14, 0x12],
    backgroundLift: [0x2a, 0x25, 0x21],
    type: [0xf4, 0xee, 0xe4],
    label: [0xd8, 0xc3, 0xa0],
    quiet: [0xb5, 0xa8, 0x96],
    accent: [0xc2, 0x9a, 0x63],
    unheard: [0x7a, 0x74, 0x6c],
  },
  onPicture: {
    scrim: [0x0c, 0x0a, 0x09],
    type: [0xf4, 0xee, 0xe4],
    accent: [0xd2, 0xac, 0x76],
    unheard: [0x9a, 0x94, 0x8c],
  },
  onBrightPicture: {
    scrim: [0xf8, 0xf4, 0xec],
    type: [0x2b, 0x25, 0x20],
    accent: [0x86, 0x5d, 0x28],
    unheard: [0xa8, 0x9c, 0x8a],
  },
  fill: { colour: [0x17, 0x14, 0x12], share: 0.38, shadowOpacity: 0.62 },
  type: {
    weight: 500,
    wordsPx: 66,
    wordsBesidePhotoPx: 56,
    namePx: 54,
    openingNamePx: 148,
    datesPx: 58,
    labelPx: 40,
    labelTrackingEm: 0.16,
    quietPx: 40,
    closingNamePx: 50,
    minPx: 40,
  },
  timing: calmTiming,
  labels: labelsByLanguage.en,
};

/** Ivory paper and brown text. Names over pictures stay light on a brown scrim, as on a print. */
export const light: Theme = {
  ...classic,
  name: "light",
  colours: {
    background: [0xeb, 0xe2, 0xd3],
    backgroundLift: [0xfb, 0xf7, 0xef],
    type: [0x2b, 0x25, 0x20],
    label: [0x72, 0x50, 0x22],
    quiet: [0x66, 0x5a, 0x4b],
    accent: [0x9e, 0x70, 0x36],
    unheard: [0xb9, 0xac, 0x98],
  },
  onPicture: {
    scrim: [0x2b, 0x22, 0x1a],
    type: [0xfb, 0xf7, 0xef],
    accent: [0xd9, 0xb4, 0x80],
    unheard: [0xa8, 0xa0, 0x94],
  },
  onBrightPicture: {
    scrim: [0xfb, 0xf7, 0xef],
    type: [0x2b, 0x25, 0x20],
    accent: [0x86, 0x5d, 0x28],
    unheard: [0xa8, 0x9c, 0x8a],
  },
  fill: { colour: [0xf6, 0xf0, 0xe4], share: 0.3, shadowOpacity: 0.26 },
};

/** A theme for dark rooms: deep blue-black backgrounds, pale text, and an accent like candlelight. */
export const night: Theme = {
  ...classic,
  name: "night",
  colours: {
    background: [0x0b, 0x10, 0x17],
    backgroundLift: [0x1a, 0x25, 0x32],
    type: [0xe6, 0xea, 0xf0],
    label: [0xa9, 0xbd, 0xd3],
    quiet: [0x94, 0xa5, 0xb8],
    accent: [0xd3, 0xac, 0x78],
    unheard: [0x5d, 0x6e, 0x82],
  },
  onPicture: {
    scrim: [0x05, 0x09, 0x0f],
    type: [0xe6, 0xea, 0xf0],
    accent: [0xd9, 0xb4, 0x80],
    unheard: [0x8a, 0x97, 0xa6],
  },
  onBrightPicture: {
    scrim: [0xf0, 0xf4, 0xfa],
    type: [0x14, 0x1c, 0x28],
    accent: [0x7d, 0x5a, 0x2b],
    unheard: [0x90, 0x9c, 0xac],
  },
  fill: { colour: [0x08, 0x14, 0x24], share: 0.27, shadowOpacity: 0.66 },
};

export const builtInThemes: Readonly<Record<string, Theme>> = { classic, light, night };
