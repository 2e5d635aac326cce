/** PQ value of 1,000 cd/m² (0.7518: SMPTE ST 2084, equation 5.2) in 12 bits of full range. */
const pqPeakCode = Math.round(0.7518 * 4095);

const limits = ["r", "g", "b"].map((plane) => `${plane}='min(val,${pqPeakCode})'`).join(":");

/**
 * FFmpeg filters that map a picture of high dynamic range to that of an SDR screen with the curve of BT.2390 (`tonemapx`,
 * jellyfin-ffmpeg), which preserves the mid-tones of an SDR screen.
 *
 * The curve is made for a peak of 1,000 cd/m², which is that of HLG. PQ reaches 10,000, and above the peak the filter's
 * curve falls again, so that brighter light becomes darker. So red, green and blue of PQ are limited to the peak first.
 *
 * @param transfer transfer function of the picture
 * @param format pixel format of the result, which is BT.709 in limited range
 */
export function toneMappingFilters(transfer: "pq" | "hlg", format: "yuv420p" | "yuv420p10le"): string[] {
  return [
    ...(transfer === "pq" ? ["format=gbrp12le", `lutrgb=${limits}`] : []),
    // The output matrix applies only to RGB; the matrix of other pictures is not changed.
    "scale=flags=bicubic+accurate_rnd+full_chroma_int:out_color_matrix=bt2020:out_range=tv",
    "format=yuv420p10le",
    `tonemapx=tonemap=bt2390:desat=0:peak=100:t=bt709:m=bt709:p=bt709:r=tv:format=${format}`,
  ];
}
