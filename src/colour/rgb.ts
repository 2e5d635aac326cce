/** Red, green and blue as coded in sRGB, 0 to 255; need not be whole numbers. */
export type Rgb = readonly [number, number, number];
