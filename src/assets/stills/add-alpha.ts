interface Plane {
  readonly data: Buffer;
  readonly width: number;
  readonly height: number;
}

/**
 * Joins colours and the alpha that a file keeps beside them, which may be of another size.
 *
 * @param colour red, green and blue
 * @param premultiplied the colours were multiplied by the alpha, which is undone
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
