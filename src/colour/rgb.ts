/** Red, green, blue as coded in sRGB, 0 to 255; need not be whole. */
export type Rgb = readonly [number, number, number];
