import type { Size } from "../model/box.js";
import type { ClipAsset } from "../../media/asset.js";
import type { Frame } from "../../kernel/frame.js";
import type { Kernel } from "../../kernel/kernel.js";
import type { Area } from "../../kernel/resample-picture.js";
import type { OpenedClip, OpenClipOptions } from "../../media/pictures/open-clip.js";
import { frameUnits } from "../model/frame-units.js";
import type { ClipFill, ClipPlacement } from "../model/scene-layers.js";
import type { Layer } from "./layer.js";

export type OpenClip = (clip: ClipAsset, options: OpenClipOptions) => Promise<OpenedClip>;

/** Size of a pixel of the fill, in units of the frame. */
const fillUnits = 16;
const fillBlurRadius = 3;
/** The kernel does not paint narrower areas. */
const narrowestArea = 32;

interface ClipLayerOptions {
  readonly openClip: OpenClip;
  readonly film: Size & { readonly fps: number };
  /** First frame of the scene that will be painted. */
  readonly firstSceneFrame: number;
}

/** Opens the moving picture of a scene, with its blurred fill where it has one. */
export async function openClipLayer(
  kernel: Kernel,
  placement: ClipPlacement,
  { openClip, film, firstSceneFrame }: ClipLayerOptions,
): Promise<Layer> {
  const { asset, x, y, width, height } = placement;
  let nextFrame = clipFrame(placement, firstSceneFrame);
  const clip = await openClip(asset, { width, height, fps: film.fps, firstFrame: nextFrame });
  const picture = kernel.allocateFrame(width, height);
  const fill = placement.fill === null ? null : openFill(kernel, picture, film, placement.fill);
  const areas = areasAround(placement, film);
  let pictureCount = 0;

  return {
    /** Frames must ascend from call to call. */
    async advance(due) {
      const before = pictureCount;
      for (; nextFrame <= clipFrame(placement, due); nextFrame += 1) {
        const next = await clip.next();
        if (!next.changed) continue;
        picture.bytes.set(next.picture);
        pictureCount += 1;
      }
      if (pictureCount > before) fill?.update();
    },
    stateAt: () => pictureCount,
    paint(target) {
      if (fill !== null) for (const area of areas) fill.paint(target, area);
      kernel.copy(picture, target, x, y);
    },
    async [Symbol.asyncDispose]() {
      picture[Symbol.dispose]();
      fill?.[Symbol.dispose]();
      await clip[Symbol.asyncDispose]();
    },
  };
}

interface Fill extends Disposable {
  /** Makes the fill from the clip's current picture. */
  update(): void;
  paint(target: Frame, area: Area): void;
}

/** Opens the fill: the clip, enlarged to cover the frame, centred, blurred and mixed into a colour. */
function openFill(kernel: Kernel, picture: Frame, film: Size, placement: ClipFill): Fill {
  const enlargement = Math.max(film.width / picture.width, film.height / picture.height);
  const factor = Math.max(1, Math.round((fillUnits * frameUnits(film).unitPx) / enlargement));
  const options = { factor, blurRadius: fillBlurRadius, ...placement };
  const fill = kernel.allocateFill(picture, options);
  const step = 1 / (enlargement * factor);
  return {
    update: () => kernel.fill(picture, fill, options),
    paint(target, area) {
      const left = picture.width / 2 / factor + (area.x - film.width / 2) * step;
      const top = picture.height / 2 / factor + (area.y - film.height / 2) * step;
      kernel.resample(fill, target, area, { left, top, step });
    },
    [Symbol.dispose]: () => fill[Symbol.dispose](),
  };
}

function clipFrame(placement: ClipPlacement, sceneFrame: number): number {
  return Math.min(Math.max(0, sceneFrame - placement.firstFrame), Math.max(0, placement.frameCount - 1));
}

/** Lists the areas that the clip leaves free. Narrow strips reach under the clip, which is painted after them. */
function areasAround(clip: ClipPlacement, film: Size): Area[] {
  const right = Math.min(clip.x + clip.width, film.width - narrowestArea);
  const bottom = clip.y + clip.height;
  const beside = { y: clip.y, height: clip.height };
  const areas = [
    { x: 0, y: 0, width: film.width, height: clip.y, free: clip.y },
    { x: 0, y: bottom, width: film.width, height: film.height - bottom, free: film.height - bottom },
    { ...beside, x: 0, width: Math.max(clip.x, narrowestArea), free: clip.x },
    { ...beside, x: right, width: film.width - right, free: film.width - clip.x - clip.width },
  ];
  return areas.filter(({ free }) => free > 0);
}
