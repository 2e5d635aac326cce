import { AV_PKT_DATA_DOVI_CONF } from "node-av/constants";
import type { Stream } from "node-av/lib";

/** Of FFmpeg's `AVDOVIDecoderConfigurationRecord`, a byte each. */
const profileByte = 2;
const compatibilityByte = 7;

/**
 * The profile of Dolby Vision pictures that only a Dolby Vision decoder can show: their colours are a code of its own
 * (profile 5, and 10.0), which on any other screen is purple and green. What phones record (8.4, HLG) has ordinary
 * pictures under it.
 *
 * @returns null for all other pictures
 */
export function soleDolbyVisionProfile({ codecpar }: Stream): number | null {
  const record = codecpar.getCodedSideData(AV_PKT_DATA_DOVI_CONF);
  if (record === null || record.length <= compatibilityByte) return null;
  return record[compatibilityByte] === 0 ? (record[profileByte] ?? 0) : null;
}
