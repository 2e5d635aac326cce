import type { DecoderLimits } from "./open-decoder.js";

/**
 * 8192 × 4608 pixels: 8K video is let in. One thread: where a clip is damaged, a decoder with several fills what is
 * missing from whichever pictures its other threads have finished, which differs from run to run. Several children
 * decode side by side, and one thread takes some 6 % less of the processor.
 */
export const decoderLimits: DecoderLimits = { maxPixels: 8192 * 4608, threads: 1 };
