/** Code of the PQ signal of 1,000 cd/m² (0.7518: SMPTE ST 2084, equation 5.2) in 12 bits of full range. */
const pqPeakCode = Math.round(0.7518 * 4095);

const limits = ["r", "g", "b"].map((plane) => `${plane}='min(val,${pqPeakCode})'`).join(":");

/**
 * FFmpeg filters that bring a picture of a high dynamic range into that of an SDR screen with BT.2390's curve
 * (`tonemapx`, jellyfin-ffmpeg), which leaves mid-tones where an SDR screen has them.
 *
 * The curve is made for a peak of 1,000 cd/m², HLG's own. PQ reaches 10,000, and above its peak the filter's curve bends
 * down again: the brighter the light, the darker the picture. So red, green and blue of PQ are limited to the peak first.
 *
 * @param transfer of the picture
 * @param format of the result, which is BT.709 in limited range
 */
export function toneMappingFilters(transfer: "pq" | "hlg", format: "yuv420p" | "yuv420p10le"): string[] {
  return [
    ...(transfer === "pq" ? ["format=gbrp12le", `lutrgb=${limits}`] : []),
    // The matrix is wanted of RGB alone; other pictures keep their own.
    "scale=flags=bicubic+accurate_rnd+full_chroma_int:out_color_matrix=bt2020:out_range=tv",
    "format=yuv420p10le",
    `tonemapx=tonemap=bt2390:desat=0:peak=100:t=bt709:m=bt709:p=bt709:r=tv:format=${format}`,
  ];
}
