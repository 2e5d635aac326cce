/** How a still is stored: one coded picture, or tiles of one size in rows. */
export interface StillLayer {
  readonly codec: StillCodec;
  /** What the decoder is set up with (hvcC, av1C, avcC); null where the data says it all. */
  readonly config: Buffer | null;
  /** In pixels, of the whole. */
  readonly width: number;
  readonly height: number;
  readonly columns: number;
  /** Row by row. */
  readonly tiles: readonly Buffer[];
  readonly tileWidth: number;
  readonly tileHeight: number;
  /** What the container says of the colours, which counts for more than the coded data's own word. */
  readonly colours: CodedColours | null;
}

export type StillCodec = "hevc" | "av1" | "h264" | "jpeg" | "jpeg-xl" | "bmp" | "png";

/** Numbers of ITU-T H.273. */
export interface CodedColours {
  readonly primaries: number;
  readonly transfer: number;
  readonly matrix: number;
  readonly fullRange: boolean;
}

/** One step towards a picture as it is shown. */
export type StillTransform =
  | { readonly kind: "rotate"; readonly clockwiseDegrees: 90 | 180 | 270 }
  | { readonly kind: "mirror"; readonly swaps: "sides" | "ends" }
  /** In pixels of the picture so far. */
  | {
      readonly kind: "crop";
      readonly x: number;
      readonly y: number;
      readonly width: number;
      readonly height: number;
    };
