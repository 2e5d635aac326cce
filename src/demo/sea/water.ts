/**
 * Computes the light from water. Each point reflects the sky in the direction of its slope, with the share of Fresnel's
 * equations, and adds the dark green of the sea. It glitters if its slope is close to one that reflects the sun. Slopes that
 * are too small or too far to be resolved widen the glitter (C. Cox and W. Munk, 1954).
 */
import { expose } from "./record-light.js";
import { clearSky } from "./evening-sky.js";
import { createFilteredSlopes, type SlopeLine } from "./filtered-slopes.js";
import { createWaveField, fieldSize, type Sea } from "./wave-field.js";

export interface WaterView {
  readonly columns: number;
  readonly rows: number;
  /** Column of the sun. The horizon is the first row. */
  readonly sunColumn: number;
  readonly sunElevation: number;
  readonly focalPixels: number;
  readonly eyeMetres: number;
}

export interface Water {
  moveTo(seconds: number): void;
  /** Fills `columns * 3` of exposed red, green and blue; row 0 is at the horizon. */
  exposeRow(row: number, exposed: Float32Array): void;
}

const sea: Sea = { sideMetres: 26, windMetresPerSecond: 5.2, slopeRms: 0.085, seed: 1941 };
/** Ripples are the same field, smaller and mirrored. */
const rippleScale = 0.17;
const rippleShare = 0.7;

const deep = [0.012, 0.03, 0.036] as const;
/** Width of the reflected glow around the sun, which is broader than the glow in the sky. */
const skyAzimuth = 0.16;
const sunLight = [60, 33, 11.5] as const;
/** Mean square of the slopes that still reflect some part of the sun. */
const sunSpread = 0.02 ** 2;

export function createWater(view: WaterView): Water {
  const field = createWaveField(sea);
  field.moveTo(0);
  const slopes = createFilteredSlopes(field);
  const waves = emptyLine();
  const ripples = emptyLine();
  const spotMetres = sea.sideMetres / fieldSize;
  const rippleMetres = spotMetres * rippleScale;
  const rows = Array.from({ length: view.rows }, (_, row) => {
    // `drop` is how far the line of sight falls per metre, and `metres` the distance at which it reaches the water.
    const drop = (row + 0.5) / view.focalPixels;
    const metres = view.eyeMetres / drop;
    const columnMetres = metres / view.focalPixels;
    const mirror = mirrorTable(drop);
    return {
      drop,
      metres,
      rowMetres: (metres * metres) / (view.eyeMetres * view.focalPixels),
      waveShare: fade(columnMetres / spotMetres),
      rippleShare: rippleShare * fade(columnMetres / rippleMetres),
      mirror,
      exposedMirror: mirror.map(expose),
    };
  });
  const [sunUp, sunAway] = [Math.sin(view.sunElevation), Math.cos(view.sunElevation)];

  return {
    moveTo(seconds) {
      field.moveTo(seconds);
      slopes.refresh();
    },
    exposeRow(row, exposed) {
      const { drop, metres, rowMetres, mirror, exposedMirror, ...share } = rows[row] as (typeof rows)[0];
      const wavesVariance = slopes.readRow(metres / spotMetres, rowMetres / spotMetres, waves);
      const ripplesVariance = slopes.readRow(metres / rippleMetres + 91.7, rowMetres / rippleMetres, ripples);
      const unresolved = (key: keyof SlopeLine): number =>
        slopes.variance[key] * (1 + rippleShare ** 2) -
        wavesVariance[key] * share.waveShare ** 2 -
        ripplesVariance[key] * share.rippleShare ** 2;
      const acrossSpread = sunSpread + unresolved("across");
      const awaySpread = sunSpread + unresolved("away");
      const strength = sunSpread / Math.sqrt(acrossSpread * awaySpread);
      const towards = 0.55 * Math.sqrt(unresolved("away"));
      const sparkReach = (steepest + 4 * Math.sqrt(acrossSpread)) * (sunUp + drop) * view.focalPixels;
      const [firstSpark, lastSpark] = [view.sunColumn - sparkReach, view.sunColumn + sparkReach];
      const wavesPerColumn = metres / view.focalPixels / spotMetres;
      const ripplesPerColumn = metres / view.focalPixels / rippleMetres;

      for (let column = 0, i = 0; column < view.columns; column += 1, i += 3) {
        const wavePlace = (column - view.sunColumn) * wavesPerColumn + farOff;
        const wavePoint = Math.floor(wavePlace);
        const waveRest = share.waveShare * (wavePlace - wavePoint);
        const wave = wavePoint & (fieldSize - 1);
        const ripplePlace = (view.sunColumn - column) * ripplesPerColumn + farOff + 37.3;
        const ripplePoint = Math.floor(ripplePlace);
        const rippleRest = share.rippleShare * (ripplePlace - ripplePoint);
        const ripple = ripplePoint & (fieldSize - 1);
        const slopeAcross =
          (share.waveShare - waveRest) * (waves.across[wave] as number) +
          waveRest * (waves.across[wave + 1] as number) -
          (share.rippleShare - rippleRest) * (ripples.across[ripple] as number) -
          rippleRest * (ripples.across[ripple + 1] as number);
        const slopeAway =
          (share.waveShare - waveRest) * (waves.away[wave] as number) +
          waveRest * (waves.away[wave + 1] as number) +
          (share.rippleShare - rippleRest) * (ripples.away[ripple] as number) +
          rippleRest * (ripples.away[ripple + 1] as number);

        const across = (column - view.sunColumn) / view.focalPixels;
        const inverseLength = 1 / Math.sqrt(1 + across * across + drop * drop);
        const facing = (drop + across * slopeAcross + slopeAway + towards) * inverseLength;
        const mirrored = 3 * (Math.min(entries - 1, Math.max(0, facing * entries)) | 0);
        exposed[i] = exposedMirror[mirrored] as number;
        exposed[i + 1] = exposedMirror[mirrored + 1] as number;
        exposed[i + 2] = exposedMirror[mirrored + 2] as number;
        if (column < firstSpark || column > lastSpark) continue;

        // The normal of a slope that reflects the sun is half way between the line of sight and the sun.
        const perUp = 1 / (sunUp + drop * inverseLength);
        const missAcross = slopeAcross - across * inverseLength * perUp;
        const missAway = slopeAway - (inverseLength - sunAway) * perUp;
        const miss = (missAcross * missAcross) / acrossSpread + (missAway * missAway) / awaySpread;
        if (miss > 16) continue;
        const spark = strength * Math.exp(-0.5 * miss);
        exposed[i] = expose((mirror[mirrored] as number) + spark * sunLight[0]);
        exposed[i + 1] = expose((mirror[mirrored + 1] as number) + spark * sunLight[1]);
        exposed[i + 2] = expose((mirror[mirrored + 2] as number) + spark * sunLight[2]);
      }
    },
  };
}

/** No slope of this sea is steeper, so no water farther to the side reflects the sun. */
const steepest = 0.45;

/** A multiple of the field's size that keeps positions positive. */
const farOff = 4096 * fieldSize;

const entries = 256;

/**
 * Light from the water of one row by the cosine between the line of sight and the water's normal: Fresnel's share of the
 * sky (Schlick's approximation), and the rest from the water itself.
 */
function mirrorTable(drop: number): Float32Array {
  const table = new Float32Array(entries * 3);
  for (let i = 0; i < entries; i += 1) {
    const facing = (i + 0.5) / entries;
    const share = 0.02 + 0.98 * (1 - facing) ** 5;
    const sky = clearSky(
      skyAzimuth,
      Math.asin(Math.min(1, Math.abs(2 * facing - drop / Math.hypot(1, drop)))),
    );
    table.set(
      [0, 1, 2].map((channel) => share * (sky[channel] as number) + (1 - share) * (deep[channel] as number)),
      i * 3,
    );
  }
  return table;
}

function emptyLine(): SlopeLine {
  return { across: new Float32Array(fieldSize + 1), away: new Float32Array(fieldSize + 1) };
}

/** Factor that fades out points closer together than pixels, which would flicker. */
function fade(pointsPerPixel: number): number {
  return Math.min(1, Math.max(0, 2 - pointsPerPixel));
}
