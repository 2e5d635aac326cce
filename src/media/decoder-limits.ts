import type { DecoderLimits } from "./open-decoder.js";

/**
 * 8192 × 4608 pixels: 8K video is let in. Two threads: more would only hold more pictures in memory, and several
 * children decode side by side.
 */
export const decoderLimits: DecoderLimits = { maxPixels: 8192 * 4608, threads: 2 };
