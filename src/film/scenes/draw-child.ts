import { serveTask } from "../../process/serve-task.js";
import type { DrawInput, DrawnScene } from "./draw-scenes.js";
import { drawScene } from "./draw-scene.js";
import { createDrawingTools, createDrawingContext } from "./drawing/drawing-context.js";

serveTask<DrawInput, readonly DrawnScene[], string>(async ({ scenes, settings, folder }, report) => {
  const tools = createDrawingTools(settings);
  const drawn: DrawnScene[] = [];
  for (const { scene, fileStem } of scenes) {
    const layers = await drawScene(createDrawingContext(settings, tools, { folder, fileStem }), scene);
    drawn.push({ sceneId: scene.id, layers });
    report(scene.id);
  }
  return drawn;
});
