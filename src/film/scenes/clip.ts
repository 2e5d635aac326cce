import { scaleBox, type Box } from "../model/box.js";
import { baseDirection } from "../typography/direction.js";
import type { ClipContent } from "../model/scene.js";
import type { ClipFill, SceneLayers } from "../model/scene-layers.js";
import type { Rgb } from "../../colour/rgb.js";
import type { Theme } from "../model/theme.js";
import { rgbToYuv } from "../../colour/yuv.js";
import { maxShare } from "../../colour/contrast.js";
import type { DrawingContext } from "./drawing/drawing-context.js";
import { drawPlainBackground } from "./drawing/backgrounds.js";
import { drawLowerThird, drawLowerThirdOnPicture, layOutLowerThird } from "./text/lower-third.js";
import { chooseTextColours } from "./text/choose-text-colours.js";
import { placeClip } from "./place-clip.js";

/** Contrast of a name outside of a clip, and of the rule above it, on the fill of any clip. */
const fillContrast = { type: 5, accent: 2.2 };
/** The extreme colours that a clip may show: its real ones are unknown until it is decoded. */
const extremes: readonly Rgb[] = [
  [0, 0, 0],
  [255, 255, 255],
];

/**
 * Draws the whole clip in its own aspect ratio, over a fill of itself that the painter makes. The name is outside
 * of the clip where there is room.
 */
export function drawClip(drawing: DrawingContext, content: ClipContent): SceneLayers {
  const { settings, frame, theme } = drawing;
  const isNameRight = baseDirection(content.name ?? "") === "rtl";
  const { box, name, nameMeasure, nameTop } = placeClip(content.clip, settings, frame, isNameRight);
  const within = scaleBox(box, 1 / frame.unitPx);
  const inside = name === "over" ? within : null;
  const lowerThird = layOutLowerThird(drawing, content.name, nameMeasure, { top: nameTop, inside });
  const isOver = name === "over" || (name === "below" && isTooTall(lowerThird?.box.y, box, frame.unitPx));
  const overlay = isOver
    ? drawLowerThirdOnPicture(drawing, lowerThird, chooseTextColours(theme, extremes), { within })
    : drawing.drawOverlay((context) => {
        if (lowerThird !== null) drawLowerThird(context, theme.colours, lowerThird);
      });
  const isWhole = box.width === settings.width && box.height === settings.height;
  return {
    background: drawPlainBackground(drawing, "ltr"),
    clip: {
      ...box,
      fill: isWhole ? null : clipFill(theme),
      asset: content.clip,
      firstFrame: content.clipFirstFrame,
      frameCount: content.clipFrameCount,
    },
    overlays: overlay === null ? [] : [overlay],
  };
}

/** Mixes as much of the clip into the fill as leaves a name legible on it. */
function clipFill({ fill, colours }: Theme): ClipFill {
  const needs = [
    { colour: colours.type, ratio: fillContrast.type },
    { colour: colours.accent, ratio: fillContrast.accent },
  ];
  const [y, u, v] = rgbToYuv(fill.colour);
  return {
    towards: [Math.round(y), Math.round(u), Math.round(v)],
    share: maxShare(fill.colour, extremes, needs, fill.share),
  };
}

/** Whether a name, which may have several lines, reaches up into the clip. */
function isTooTall(nameTop: number | undefined, box: Box, unitPx: number): boolean {
  return nameTop !== undefined && nameTop * unitPx < box.y + box.height;
}
