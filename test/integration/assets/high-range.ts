/** Encodes sRGB colours for a display of high dynamic range, with white at 203 cd/m² (ITU-R BT.2408). */
const whiteNits = 203;

/** BT.2087: linear BT.709 to BT.2020. */
const toBt2020 = [
  [0.6274, 0.3293, 0.0433],
  [0.0691, 0.9195, 0.0114],
  [0.0164, 0.088, 0.8956],
] as const;

function toNits(colour: readonly number[]): number[] {
  const linear = colour.map((value) => {
    const v = value / 255;
    return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  });
  return toBt2020.map(
    (row) => whiteNits * row.reduce((sum, factor, index) => sum + factor * (linear[index] ?? 0), 0),
  );
}

/** SMPTE ST 2084, 0 to 255. */
export function toPq(colour: readonly number[]): number[] {
  return toNits(colour).map((nits) => {
    const y = (nits / 10_000) ** 0.1593017578125;
    return 255 * ((0.8359375 + 18.8515625 * y) / (1 + 18.6875 * y)) ** 78.84375;
  });
}

/** BT.2100, on a display of 1000 cd/m²; 0 to 255. */
export function toHlg(colour: readonly number[]): number[] {
  const display = toNits(colour).map((nits) => nits / 1000);
  const luminance = 0.2627 * (display[0] ?? 0) + 0.678 * (display[1] ?? 0) + 0.0593 * (display[2] ?? 0);
  const system = luminance ** (1 / 1.2 - 1);
  return display.map((value) => {
    const scene = value * system;
    const signal =
      scene <= 1 / 12 ? Math.sqrt(3 * scene) : 0.17883277 * Math.log(12 * scene - 0.28466892) + 0.55991073;
    return 255 * signal;
  });
}
