import type { PhotoAsset } from "../../media/asset.js";

/** A decoded photo whose focus is not known yet. */
export interface DecodedPhoto extends Omit<PhotoAsset, "focus" | "subject"> {
  readonly thumbnail: Thumbnail;
}

/** A small copy of a photo, in a file of raw RGB. It is removed when the focus is known. */
export interface Thumbnail {
  readonly path: string;
  readonly width: number;
  readonly height: number;
}
