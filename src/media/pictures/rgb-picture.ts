/** A picture in memory: `width * height * 3` bytes, RGB, rows top to bottom. */
export interface RgbPicture {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}
