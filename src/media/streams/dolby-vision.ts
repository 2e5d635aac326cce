import { AV_PKT_DATA_DOVI_CONF } from "node-av/constants";
import type { Stream } from "node-av/lib";

/** Positions of bytes in FFmpeg's `AVDOVIDecoderConfigurationRecord`. */
const profileByte = 2;
const compatibilityByte = 7;

/**
 * The profile of Dolby Vision pictures that only a Dolby Vision decoder can show: their colours have a special coding
 * (profile 5, and 10.0), which looks purple and green anywhere else. Recordings of phones (8.4, HLG) contain ordinary
 * pictures as a base.
 *
 * @returns null for all other pictures
 */
export function soleDolbyVisionProfile({ codecpar }: Stream): number | null {
  const record = codecpar.getCodedSideData(AV_PKT_DATA_DOVI_CONF);
  if (record === null || record.length <= compatibilityByte) return null;
  return record[compatibilityByte] === 0 ? (record[profileByte] ?? 0) : null;
}
