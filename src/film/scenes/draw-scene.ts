import type { Scene } from "../model/scene.js";
import type { ScenePaint } from "../model/scene-paint.js";
import { drawClip } from "./clip.js";
import { drawClosing } from "./closing.js";
import type { Easel } from "./drawing/drawing-context.js";
import { drawOpening } from "./opening.js";
import { drawPhoto } from "./photo.js";
import { drawVoice } from "./voice.js";
import { drawWords } from "./words.js";

/** Draws all pictures of a scene into files: a function of the scene, the theme and the frame alone. */
export async function drawScene(easel: Easel, { content, frameCount }: Scene): Promise<ScenePaint> {
  const seconds = frameCount / easel.settings.fps;
  switch (content.kind) {
    case "opening":
      return await drawOpening(easel, content);
    case "photo":
      return await drawPhoto(easel, content, seconds);
    case "words":
      return drawWords(easel, content);
    case "voice":
      return await drawVoice(easel, content, seconds);
    case "clip":
      return drawClip(easel, content);
    case "closing":
      break;
  }
  return drawClosing(easel, content);
}
