import {
  AVCOL_PRI_BT2020,
  AVCOL_PRI_BT709,
  AVCOL_RANGE_MPEG,
  AVCOL_SPC_BT709,
  AVCOL_TRC_ARIB_STD_B67,
  AVCOL_TRC_BT709,
  AVCOL_TRC_SMPTE2084,
  type AVPixelFormat,
} from "node-av/constants";
import type { Frame } from "node-av/lib";

import type { ClipAsset } from "../asset.js";
import { KeepsakeError } from "../../errors.js";
import { openFilterGraph, type OpenedFilterGraph } from "../open-filter-graph.js";
import { pixelFormatTraits, resolvePictureColours, widePrimaries } from "./picture-colours.js";
import { pictureFilters } from "./picture-filters.js";

export interface OpenedPictureConverter extends Disposable {
  /**
   * Converts a decoded picture of the clip to upright I420 in BT.709 limited range of the target size. Missing colour tags
   * of `picture` are filled in.
   */
  convert(picture: Frame, target: Frame): void;
}

type ConvertedClip = Pick<ClipAsset, "mirrored" | "rotationDegrees" | "transfer" | "background">;

/** Background of a clip with alpha for which none was chosen, because its pictures are opaque. */
const unknownBackground = "#808080";

/** @param size even pixels of the upright result */
export function openPictureConverter(
  clip: ConvertedClip,
  size: { readonly width: number; readonly height: number },
): OpenedPictureConverter {
  let graph: OpenedFilterGraph | null = null;
  let graphKey = "";
  return {
    convert(picture, target) {
      resolvePictureColours(picture, clip.transfer);
      if (clip.transfer !== "sdr") {
        picture.colorPrimaries = AVCOL_PRI_BT2020;
        picture.colorTrc = clip.transfer === "pq" ? AVCOL_TRC_SMPTE2084 : AVCOL_TRC_ARIB_STD_B67;
      }
      const wide = widePrimaries(picture, clip.transfer);
      const { num, den } = picture.sampleAspectRatio;
      const pixelAspect = saneAspect(den > 0 ? num / den : 0);
      // The size of live recordings and the format of edited clips may change mid-stream; each kind gets its own graph.
      const key = [
        picture.width,
        picture.height,
        picture.format,
        picture.colorSpace,
        picture.colorRange,
        pixelAspect,
        wide,
      ].join();
      if (graph === null || graphKey !== key) {
        graph?.[Symbol.dispose]();
        const filters = pictureFilters({
          mirrored: clip.mirrored,
          rotationDegrees: clip.rotationDegrees,
          transfer: clip.transfer,
          widePrimaries: wide,
          sourceWidth: picture.width,
          sourceHeight: picture.height,
          pixelAspect,
          ...size,
          background: pixelFormatTraits(picture.format as AVPixelFormat).alpha
            ? (clip.background ?? unknownBackground)
            : null,
        });
        graph = openFilterGraph(picture, { num: 1, den: 1_000_000 }, filters);
        graphKey = key;
      }
      graph.pushNow(picture);
      if (!graph.pullNow(target)) throw new KeepsakeError("internal", "The filters returned no picture.");
      target.colorSpace = AVCOL_SPC_BT709;
      target.colorRange = AVCOL_RANGE_MPEG;
      target.colorPrimaries = AVCOL_PRI_BT709;
      target.colorTrc = AVCOL_TRC_BT709;
    },
    [Symbol.dispose]: () => graph?.[Symbol.dispose](),
  };
}

/** Width of a pixel ÷ its height; 1 when the file has none or an implausible one. */
export function saneAspect(aspect: number): number {
  return aspect >= 0.2 && aspect <= 5 ? aspect : 1;
}
