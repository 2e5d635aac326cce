/**
 * The one format of sound inside the worker and in the film: stereo at 48 kHz. The sound of each file is resampled to it
 * when it is decoded, so that positions in sound are counted in samples of this rate everywhere.
 */

/** Samples per second of each channel. */
export const sampleRate = 48_000;

/** Left and right, interleaved. */
export const channelCount = 2;

/** Bytes of one sample of both channels in the headerless float32 files of decoded sound. */
export const bytesPerSample = channelCount * Float32Array.BYTES_PER_ELEMENT;

/** Samples of each channel in one packet of AAC (ISO/IEC 14496-3, 4.5.2.1: AAC-LC). */
export const samplesPerAacPacket = 1024;

/** Samples that FFmpeg's AAC encoder adds before the sound; players start after them. */
export const aacPrimingSamples = 1024;
