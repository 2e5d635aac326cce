import { readFile } from "node:fs/promises";

import type { Kernel } from "../../kernel/kernel.js";
import type { Overlay } from "../model/scene-layers.js";
import type { Layer } from "./layer.js";
import { edgeColumns, overlayState } from "./overlay-state.js";

/** Opens words, a name or a waveform as a layer that fades in or is uncovered. */
export async function openOverlayLayer(kernel: Kernel, overlay: Overlay): Promise<Layer> {
  const { x, y, width, height } = overlay;
  const pixels = kernel.loadOverlay(await readFile(overlay.path), width, height);
  return {
    stateAt: (sceneFrame) => overlayState(overlay, sceneFrame),
    paint(target, sceneFrame) {
      const { opacity, wholeColumns, edgeOpacity } = overlayState(overlay, sceneFrame);
      if (opacity === 0) return;
      kernel.lay(pixels, target, { x, y, fromColumn: 0, toColumn: wholeColumns, opacity });
      if (edgeOpacity === 0) return;
      const toColumn = wholeColumns + edgeColumns;
      kernel.lay(pixels, target, {
        x,
        y,
        fromColumn: wholeColumns,
        toColumn,
        opacity: opacity * edgeOpacity,
      });
    },
    [Symbol.asyncDispose]: async () => pixels[Symbol.dispose](),
  };
}
