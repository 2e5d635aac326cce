import type { PictureOrientation } from "./display-matrix.js";
import { toneMappingFilters } from "./tone-mapping.js";

export interface PictureConversion extends PictureOrientation {
  /** Size of the decoded picture. */
  readonly sourceWidth: number;
  readonly sourceHeight: number;
  /** Width of a source pixel ÷ its height. */
  readonly pixelAspect: number;
  readonly transfer: "sdr" | "hlg" | "pq";
  /** zscale's name of the primaries of an SDR picture, if wider than BT.709; null for all others. */
  readonly widePrimaries: "2020" | "smpte432" | null;
  /** Background of a transparent picture, `#rrggbb`; null for an opaque one. */
  readonly background: string | null;
  /** Size of the upright result; even. */
  readonly width: number;
  readonly height: number;
}

/** Relative difference in shape up to which a picture is stretched. With a larger one, bars are added at its sides. */
const shapeTolerance = 0.02;

/**
 * FFmpeg filters that convert a decoded picture to upright I420 in BT.709 limited range of exactly the target size.
 * Scaling comes first, because the cost of rotation and tone mapping depends on the number of pixels.
 */
export function pictureFilters(conversion: PictureConversion): string {
  const { width, height, mirrored, rotationDegrees, transfer } = conversion;
  const inner = fitInside(conversion);
  const sideways = rotationDegrees === 90 || rotationDegrees === 270;
  const [scaledWidth, scaledHeight] = sideways ? [inner.height, inner.width] : [inner.width, inner.height];
  const scale = `scale=${scaledWidth}:${scaledHeight}:flags=bicubic+accurate_rnd+full_chroma_int`;
  const filters: string[] = [];
  const { background } = conversion;
  if (background !== null) {
    filters.push(
      `format=rgba,split[over][under];[under]drawbox=color=${background}:t=fill:replace=1[background];[background][over]overlay=format=gbrp`,
    );
  }
  if (transfer === "sdr" && conversion.widePrimaries !== null) {
    const as = "matrixin=709:matrix=709:transferin=709:transfer=709:rangein=limited:range=limited";
    const narrow = `zscale=primariesin=${conversion.widePrimaries}:primaries=709:${as}`;
    filters.push(
      `${scale}:out_color_matrix=bt709:out_range=tv`,
      "format=yuv420p10le",
      narrow,
      "format=yuv420p",
    );
  } else if (transfer === "sdr")
    filters.push(`${scale}:out_color_matrix=bt709:out_range=tv`, "format=yuv420p");
  else filters.push(`${scale}:out_range=tv`, ...(transfer === "hlg" ? ["format=yuv420p10le"] : []));
  if (mirrored) filters.push("hflip");
  if (rotationDegrees === 90) filters.push("transpose=clock");
  if (rotationDegrees === 180) filters.push("hflip", "vflip");
  if (rotationDegrees === 270) filters.push("transpose=cclock");
  if (transfer !== "sdr") filters.push(...toneMappingFilters(transfer, "yuv420p"));
  if (inner.width !== width || inner.height !== height) {
    filters.push(`pad=${width}:${height}:(ow-iw)/4*2:(oh-ih)/4*2:black`);
  }
  return filters.join(",");
}

/** The target size, or the largest even size inside it for a picture whose shape differs from the rest of its clip. */
function fitInside(conversion: PictureConversion): { width: number; height: number } {
  const { width, height } = conversion;
  const upright = uprightSize(conversion);
  const shape = upright.width / upright.height;
  if (Math.abs(shape / (width / height) - 1) <= shapeTolerance) return { width, height };
  return shape > width / height
    ? { width, height: even(width / shape, height) }
    : { width: even(height * shape, width), height };
}

/** Size of a decoded picture as shown: square pixels, upright; rounded to whole pixels. */
export function uprightSize(
  picture: Pick<PictureConversion, "sourceWidth" | "sourceHeight" | "pixelAspect" | "rotationDegrees">,
): { width: number; height: number } {
  const width = Math.max(1, Math.round(picture.sourceWidth * picture.pixelAspect));
  const sideways = picture.rotationDegrees === 90 || picture.rotationDegrees === 270;
  return sideways ? { width: picture.sourceHeight, height: width } : { width, height: picture.sourceHeight };
}

function even(length: number, atMost: number): number {
  return Math.min(atMost, Math.max(2, Math.round(length / 2) * 2));
}
