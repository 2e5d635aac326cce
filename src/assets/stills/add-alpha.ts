interface Plane {
  readonly data: Buffer;
  readonly width: number;
  readonly height: number;
}

/**
 * Joins colours with an alpha plane that is stored separately and may have another size.
 *
 * @param colour interleaved red, green and blue
 * @param premultiplied whether the colours were multiplied by the alpha; this is then undone
 */
export function addAlpha(
  colour: Plane,
  alpha: Plane,
  premultiplied: boolean,
): { data: Buffer; width: number; height: number; channels: 4 } {
  const { width, height } = colour;
  const data = Buffer.allocUnsafe(width * height * 4);
  for (let y = 0; y < height; y += 1) {
    const row = Math.floor((y * alpha.height) / height) * alpha.width;
    for (let x = 0; x < width; x += 1) {
      const from = (y * width + x) * 3;
      const to = (y * width + x) * 4;
      const opacity = alpha.data[row + Math.floor((x * alpha.width) / width)] ?? 255;
      const factor = premultiplied && opacity > 0 ? 255 / opacity : 1;
      for (let channel = 0; channel < 3; channel += 1) {
        data[to + channel] = Math.min(255, Math.round((colour.data[from + channel] ?? 0) * factor));
      }
      data[to + 3] = opacity;
    }
  }
  return { data, width, height, channels: 4 };
}
