import type { Size } from "../model/box.js";
import type { Frame } from "../../kernel/frame.js";
import type { Kernel } from "../../kernel/kernel.js";
import type { PlacedScene, PaintPlan } from "../model/segments.js";
import { openClipLayer, type OpenClip } from "./clip-layer.js";
import { openBackgroundLayer } from "./background-layer.js";
import type { Layer } from "./layer.js";
import { openOverlayLayer } from "./overlay-layer.js";

/** A scene painted by itself; its pictures stay in the kernel's memory until it is disposed of. */
export interface SceneFrames extends AsyncDisposable {
  /**
   * @param sceneFrame ascending from call to call where the scene has a clip
   * @returns the same frame object every time; painting a frame that looks like the last one costs nothing
   */
  paint(sceneFrame: number): Promise<Frame>;
}

interface SceneFramesOptions {
  readonly film: Pick<PaintPlan, "width" | "height" | "fps">;
  readonly openClip: OpenClip;
  /** First frame of the scene that will be painted. */
  readonly firstSceneFrame: number;
}

export async function openSceneFrames(
  kernel: Kernel,
  { layers: drawn, frameCount }: PlacedScene,
  { film, openClip, firstSceneFrame }: SceneFramesOptions,
): Promise<SceneFrames> {
  const { background, clip, overlays } = drawn;
  const layers: Layer[] = [];
  const frame = kernel.allocateFrame(film.width, film.height);
  const close = async (): Promise<void> => {
    for (const layer of layers.splice(0)) await layer[Symbol.asyncDispose]();
    frame[Symbol.dispose]();
  };
  try {
    for (const placed of clip === null ? overlays : [clip, ...overlays]) requireInside(placed, film);
    // A clip with a fill covers the background completely.
    if (clip === null || clip.fill === null)
      layers.push(await openBackgroundLayer(kernel, background, film, frameCount));
    if (clip !== null) layers.push(await openClipLayer(kernel, clip, { openClip, film, firstSceneFrame }));
    for (const overlay of overlays) layers.push(await openOverlayLayer(kernel, overlay));
  } catch (error) {
    await close();
    throw error;
  }

  let painted: string | null = null;
  return {
    async paint(now) {
      for (const layer of layers) await layer.advance?.(now);
      const state = JSON.stringify(layers.map((layer) => layer.stateAt(now)));
      if (state !== painted) for (const layer of layers) layer.paint(frame, now);
      painted = state;
      return frame;
    },
    [Symbol.asyncDispose]: close,
  };
}

interface Placed extends Size {
  readonly x: number;
  readonly y: number;
}

/** The kernel does not check positions: a layer outside of the frame would be painted into other memory. */
function requireInside({ x, y, width, height }: Placed, film: Size): void {
  const isEven = [x, y, width, height].every((value) => value >= 0 && value % 2 === 0);
  if (!isEven || x + width > film.width || y + height > film.height) {
    throw new RangeError(
      `A layer of ${width} by ${height} pixels cannot be placed at ${x}, ${y}: it must be in the frame, in even pixels.`,
    );
  }
}
