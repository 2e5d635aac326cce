import {
  AVCHROMA_LOC_LEFT,
  AVCOL_PRI_BT709,
  AVCOL_RANGE_MPEG,
  AVCOL_SPC_BT709,
  AVCOL_TRC_BT709,
} from "node-av/constants";
import type { CodecContext, Frame } from "node-av/lib";

/**
 * Sets the colour tags of the film: BT.709, limited range, chroma sited left. An encoder also reads them from its first
 * frame, so both must have them.
 */
export function tagFilmColours(target: Frame | CodecContext): void {
  target.colorSpace = AVCOL_SPC_BT709;
  target.colorPrimaries = AVCOL_PRI_BT709;
  target.colorTrc = AVCOL_TRC_BT709;
  target.colorRange = AVCOL_RANGE_MPEG;
  target.chromaLocation = AVCHROMA_LOC_LEFT;
}
