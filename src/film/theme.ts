import { calmTiming, type Timing } from "./timing.js";

/** Colours, type and timing of a film, as data. Sizes are in reference units (`FrameUnits`). */
export interface Theme {
  readonly name: string;
  readonly colours: ThemeColours;
  readonly type: ThemeType;
  readonly timing: Timing;
}

interface ThemeColours {
  /** The ground's edge, and its lift left of the centre. */
  readonly ground: Rgb;
  readonly groundLift: Rgb;
  readonly type: Rgb;
  /** Labels: paler than the accent, quieter than type. */
  readonly label: Rgb;
  /** Page marks and the line about what could not be included. */
  readonly quiet: Rgb;
  /** The short rule above a name, the quotation mark, the part of a voice already heard. */
  readonly accent: Rgb;
  /** The part of a voice still to be heard. */
  readonly unheard: Rgb;
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
  /** Nothing a person wrote is set smaller. */
  readonly leastPx: number;
}

/** Red, green, blue, 0 to 255. */
export type Rgb = readonly [number, number, number];

export const classic: Theme = {
  name: "classic",
  colours: {
    ground: [0x17, 0x14, 0x12],
    groundLift: [0x2a, 0x25, 0x21],
    type: [0xf4, 0xee, 0xe4],
    label: [0xd8, 0xc3, 0xa0],
    quiet: [0xb5, 0xa8, 0x96],
    accent: [0xc2, 0x9a, 0x63],
    unheard: [0x7a, 0x74, 0x6c],
  },
  type: {
    weight: 500,
    wordsPx: 66,
    wordsBesidePhotoPx: 56,
    namePx: 54,
    openingNamePx: 148,
    datesPx: 58,
    labelPx: 30,
    labelTrackingEm: 0.24,
    quietPx: 40,
    closingNamePx: 50,
    leastPx: 40,
  },
  timing: calmTiming,
};

export const builtInThemes: Readonly<Record<string, Theme>> = { classic };
