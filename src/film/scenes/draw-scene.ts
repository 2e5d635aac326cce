import type { Scene } from "../model/scene.js";
import type { SceneLayers } from "../model/scene-layers.js";
import { drawClip } from "./clip.js";
import { drawClosing } from "./closing.js";
import type { DrawingContext } from "./drawing/drawing-context.js";
import { drawOpening } from "./opening.js";
import { drawPhoto } from "./photo.js";
import { drawVoice } from "./voice.js";
import { drawWords } from "./words.js";

/** Draws all layers of a scene into files. They depend on the scene, the theme and the frame alone. */
export async function drawScene(
  drawing: DrawingContext,
  { content, frameCount }: Scene,
): Promise<SceneLayers> {
  const seconds = frameCount / drawing.settings.fps;
  switch (content.kind) {
    case "opening":
      return await drawOpening(drawing, content);
    case "photo":
      return await drawPhoto(drawing, content, seconds);
    case "words":
      return drawWords(drawing, content);
    case "voice":
      return await drawVoice(drawing, content, seconds);
    case "clip":
      return drawClip(drawing, content);
    case "closing":
      break;
  }
  return drawClosing(drawing, content);
}
