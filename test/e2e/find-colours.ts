import { decodeFilmPictures } from "../../dist/media/film-files/decode-film-pictures.js";

/** The tolerance of each channel after an encoder. */
const tolerance = 16;
const everyPictures = 10;

/** Finds which of these colours (`#rrggbb`) the middle of a film's picture has at some time. */
export async function findColours(film: string, colours: readonly string[]): Promise<readonly string[]> {
  const found = new Set<string>();
  let count = 0;
  for await (const { planes, strides, width, height } of decodeFilmPictures(film, {
    streamIndex: 0,
    threads: 1,
  })) {
    count += 1;
    if (count % everyPictures !== 0) continue;
    const [luma = 0, blue = 0, red = 0] = planes.map((plane, index) => {
      const [x, y] = index === 0 ? [width / 2, height / 2] : [width / 4, height / 4];
      return plane[Math.round(y) * (strides[index] ?? 0) + Math.round(x)];
    });
    const seen = toRgb(luma, blue, red);
    for (const colour of colours) {
      const wanted = [1, 3, 5].map((start) => Number.parseInt(colour.slice(start, start + 2), 16));
      if (wanted.every((value, index) => Math.abs(value - (seen[index] ?? 0)) <= tolerance))
        found.add(colour);
    }
  }
  return colours.filter((colour) => found.has(colour));
}

/** BT.709, limited range. */
function toRgb(luma: number, blue: number, red: number): readonly number[] {
  const [y, u, v] = [((luma - 16) * 255) / 219, ((blue - 128) * 255) / 224, ((red - 128) * 255) / 224];
  return [y + 1.5748 * v, y - 0.1873 * u - 0.4681 * v, y + 1.8556 * u];
}
