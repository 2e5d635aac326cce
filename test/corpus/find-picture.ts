import { gridSide } from "../../dist-tools/corpus/media-sample.js";

export interface Frame {
  /** Packed RGB. */
  readonly rgb: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** The smallest side of a searched picture, as a share of the frame's width or height. */
const minShare = 0.3;
const largest = 1.25;
/** The smallest share of its cells that are within the frame. */
const minCells = 0.5;

/**
 * Looks for a picture in a frame of a film, wherever and as large as it may stand there, upright and at its own aspect.
 *
 * @param picture the colours of its cells, as `Look.pictures` has them
 * @param aspect its width to its height
 * @returns how far the best place is from it: root mean square of 255
 */
export function findPicture(frame: Frame, picture: string, aspect: number): number {
  const sums = integrate(frame);
  const wanted = Buffer.from(picture, "hex");
  const compare = (place: Place, best: number): number =>
    distanceAt(sums, frame, wanted, { ...place, aspect }, best);
  const least = minShare * Math.min(frame.width, frame.height * aspect);
  const most = largest * Math.max(frame.width, frame.height * aspect);
  const found: Found[] = [];
  for (let width = least; width <= most; width *= 1.04)
    found.push(searchAt(frame, width, width / aspect, compare));
  const nearest = found.toSorted((one, other) => one.distance - other.distance).slice(0, 6);
  return Math.min(...nearest.map((one) => climb(one, compare)));
}

interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

interface Found extends Place {
  readonly distance: number;
}

/** @param best what is farther off than this need not be measured out */
type LookAt = (place: Place, best: number) => number;

/** The best place of a picture of this size, in coarse steps. */
function searchAt(frame: Frame, width: number, height: number, compare: LookAt): Found {
  const step = Math.max(2, Math.min(width, height) / 24);
  let best: Found = { x: 0, y: 0, width, distance: Number.POSITIVE_INFINITY };
  for (let y = Math.min(0, frame.height - height); y <= Math.max(0, frame.height - height); y += step) {
    for (let x = Math.min(0, frame.width - width); x <= Math.max(0, frame.width - width); x += step) {
      const distance = compare({ x, y, width }, best.distance);
      if (distance < best.distance) best = { x, y, width, distance };
    }
  }
  return best;
}

/** Searches the best place near a given one, in ever smaller steps. */
function climb(start: Found, compare: LookAt): number {
  let best = start;
  for (let step = 8; step >= 0.5;) {
    const around = [-step, 0, step].flatMap((x) =>
      [-step, 0, step].flatMap((y) =>
        [-step, 0, step].map((wider) => ({
          x: best.x + x - wider / 2,
          y: best.y + y - wider / 2,
          width: best.width + wider,
        })),
      ),
    );
    const better = around
      .map((place) => ({ ...place, distance: compare(place, best.distance) }))
      .reduce((one, other) => (other.distance < one.distance ? other : one), best);
    if (better === best) step /= 2;
    best = better;
  }
  return best.distance;
}

/** Sums of all pixels above and to the left, by channel. */
function integrate({ rgb, width, height }: Frame): Float64Array {
  const row = 3 * (width + 1);
  const sums = new Float64Array(row * (height + 1));
  for (let y = 0; y < height; y += 1) {
    const across = [0, 0, 0];
    for (let x = 0; x < width; x += 1) {
      for (let channel = 0; channel < 3; channel += 1) {
        across[channel] = (across[channel] ?? 0) + (rgb[3 * (y * width + x) + channel] ?? 0);
        const at = (y + 1) * row + 3 * (x + 1) + channel;
        sums[at] = (sums[at - row] ?? 0) + (across[channel] ?? 0);
      }
    }
  }
  return sums;
}

function distanceAt(
  sums: Float64Array,
  frame: Frame,
  wanted: Uint8Array,
  { x, y, width, aspect }: Place & { readonly aspect: number },
  best: number,
): number {
  const height = width / aspect;
  const row = 3 * (frame.width + 1);
  const most = best * best * 3 * gridSide * gridSide;
  let [squares, cells] = [0, 0];
  for (let cell = 0; cell < gridSide * gridSide; cell += 1) {
    const [down, across] = [Math.floor(cell / gridSide), cell % gridSide];
    const left = Math.round(x + (across * width) / gridSide);
    const right = Math.round(x + ((across + 1) * width) / gridSide);
    const top = Math.round(y + (down * height) / gridSide);
    const bottom = Math.round(y + ((down + 1) * height) / gridSide);
    if (left < 0 || top < 0 || right > frame.width || bottom > frame.height || right <= left || bottom <= top)
      continue;
    cells += 1;
    const pixels = (right - left) * (bottom - top);
    for (let channel = 0; channel < 3; channel += 1) {
      const sum =
        (sums[bottom * row + 3 * right + channel] ?? 0) -
        (sums[top * row + 3 * right + channel] ?? 0) -
        (sums[bottom * row + 3 * left + channel] ?? 0) +
        (sums[top * row + 3 * left + channel] ?? 0);
      squares += (sum / pixels - (wanted[3 * cell + channel] ?? 0)) ** 2;
    }
    if (squares > most) return Number.POSITIVE_INFINITY;
  }
  if (cells < minCells * gridSide * gridSide) return Number.POSITIVE_INFINITY;
  return Math.sqrt(squares / (3 * cells));
}
