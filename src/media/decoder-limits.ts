import type { DecoderLimits } from "./open-decoder.js";

/**
 * 8192 × 4608 pixels allow 8K video. Decoders use one thread: with several threads, a decoder repairs a damaged clip from
 * the pictures that its other threads have finished so far, which differ from run to run. Several children decode at the
 * same time anyway, and one thread takes some 6 % less CPU time.
 */
export const decoderLimits: DecoderLimits = { maxPixels: 8192 * 4608, threads: 1 };
