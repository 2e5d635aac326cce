/** A still as it is stored: one coded picture, or tiles of one size in rows. */
export interface StillLayer {
  readonly codec: StillCodec;
  /** Configuration of the decoder (hvcC, av1C, avcC); null when the data contains it. */
  readonly config: Buffer | null;
  /** Size of the whole picture, in pixels. */
  readonly width: number;
  readonly height: number;
  readonly columns: number;
  /** Coded tiles, row by row. */
  readonly tiles: readonly Buffer[];
  readonly tileWidth: number;
  readonly tileHeight: number;
  /** Colour tags of the container, which override those of the coded data. */
  readonly colours: CodedColours | null;
}

export type StillCodec = "hevc" | "av1" | "h264" | "jpeg" | "jpeg-xl" | "bmp" | "png";

/** Colour tags, as numbers of ITU-T H.273. */
export interface CodedColours {
  readonly primaries: number;
  readonly transfer: number;
  readonly matrix: number;
  readonly fullRange: boolean;
}

/** One step from the decoded picture to the shown one. */
export type StillTransform =
  | { readonly kind: "rotate"; readonly clockwiseDegrees: 90 | 180 | 270 }
  | { readonly kind: "mirror"; readonly swaps: "sides" | "ends" }
  /** A crop, in pixels of the picture before this step. */
  | {
      readonly kind: "crop";
      readonly x: number;
      readonly y: number;
      readonly width: number;
      readonly height: number;
    };
