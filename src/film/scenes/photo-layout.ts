import type { CameraPose, Motion } from "../scene-paint.js";
import type { Box } from "./easel.js";

/** Where a photo stands and how the camera moves over it; sizes in px of the frame or the picture. */
export interface CoverLayout {
  /** Part of the photo that is ever seen, in whole px of it. */
  readonly part: Box;
  /** Even size of the picture that the part is resized to. */
  readonly width: number;
  readonly height: number;
  readonly motion: Motion;
}

export interface FramedLayout {
  readonly width: number;
  readonly height: number;
  /** Where the whole photo stands in the picture; even. */
  readonly photo: Box;
  readonly motion: Motion;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Frame pixels that one photo pixel may become. */
const mostEnlargement = 2;
/** A photo fills the frame when so much of it is kept. */
const leastKept = 0.8;
/** Picture px per frame px: the painter's resampler takes 0.5 to 1.15. */
const finest = 1.12;
const coarsest = 0.52;
const framedScale = 1.07;
const framedZoom = 1.055;
/** The camera's centre travels at most so much of the view. */
const mostDrift = 0.06;

/** Whether a photo is shaped and large enough to fill the frame with nothing that matters cut off. */
export function fillsFrame(photo: Size, frame: Size): boolean {
  const shape = (photo.width / photo.height) * (frame.height / frame.width);
  const kept = Math.min(shape, 1 / shape);
  const enlargement = Math.max(frame.width / photo.width, frame.height / photo.height);
  return kept >= leastKept && enlargement <= mostEnlargement;
}

/**
 * The largest a photo stands whole in some room: it may be enlarged, but its pixels must not show.
 * @param photo in its own px
 * @param room in units of so many frame px
 */
export function fitWithin(photo: Size, room: Size, unitPx: number): Size {
  const perPhotoPx = Math.min(room.width / photo.width, room.height / photo.height, mostEnlargement / unitPx);
  return { width: photo.width * perPhotoPx, height: photo.height * perPhotoPx };
}

/** 5 to 12 %, more in a longer scene, so that all photos move at about the same calm speed. */
function zoomFor(seconds: number): number {
  return 1 + Math.min(0.12, Math.max(0.05, 0.011 * seconds));
}

/**
 * A photo that fills the frame: the camera goes towards what matters, or back from it in every other scene, and
 * what it sees closest is part of what it sees widest, so nothing new is cut off on the way.
 */
export function layOutCover(
  photo: Size & { readonly focus: { readonly x: number; readonly y: number } },
  frame: Size,
  { seconds, ordinal }: { readonly seconds: number; readonly ordinal: number },
): CoverLayout {
  const zoom = zoomFor(seconds);
  const aspect = frame.width / frame.height;
  const seenWidth = Math.min(photo.width, photo.height * aspect);
  const seen = { width: seenWidth, height: seenWidth / aspect };
  const part = {
    ...span(photo.focus.x * photo.width, seen.width, photo.width, "x"),
    ...span(photo.focus.y * photo.height, seen.height, photo.height, "y"),
  };
  const perPhotoPx = Math.max(
    Math.min(1, (finest * frame.width) / part.width, (finest * frame.height) / part.height),
    (coarsest * zoom * frame.width) / part.width,
    (coarsest * zoom * frame.height) / part.height,
  );
  const width = even(part.width * perPhotoPx);
  const height = even(part.height * perPhotoPx);
  const wideScale = Math.min(width / frame.width, height / frame.height);
  const wide = { centreX: width / 2, centreY: height / 2, scale: wideScale };
  const closeScale = wideScale / zoom;
  const towards = (focus: number, centre: number, wideLength: number, closeLength: number): number => {
    const reach = Math.min((wideLength - closeLength) / 2, mostDrift * wideLength);
    return centre + Math.min(reach, Math.max(-reach, focus - centre));
  };
  const focusX = ((photo.focus.x * photo.width - part.x) / part.width) * width;
  const focusY = ((photo.focus.y * photo.height - part.y) / part.height) * height;
  const close = {
    centreX: towards(focusX, wide.centreX, frame.width * wideScale, frame.width * closeScale),
    centreY: towards(focusY, wide.centreY, frame.height * wideScale, frame.height * closeScale),
    scale: closeScale,
  };
  return { part, width, height, motion: alternate(wide, close, ordinal) };
}

/**
 * A photo that does not fill the frame: whole, on a picture a little larger than the frame, pushed in on about the
 * photo's own centre, so that it grows where it stands.
 *
 * @param area where the photo may stand at its largest, in px of the frame
 */
export function layOutFramed(photo: Size, frame: Size, area: Box, ordinal: number): FramedLayout {
  const width = even(frame.width * framedScale);
  const height = even(frame.height * framedScale);
  const wideScale = Math.min(width / frame.width, height / frame.height);
  const closeScale = wideScale / framedZoom;
  const largest = fitWithin(photo, area, 1);
  const size = {
    width: evenDown(largest.width * closeScale),
    height: evenDown(largest.height * closeScale),
  };
  // The point of the frame that stays where it is, and the same point in the picture seen widest.
  const fixed = { x: area.x + area.width / 2, y: area.y + area.height / 2 };
  const box = {
    ...size,
    x: even(width / 2 + (fixed.x - frame.width / 2) * wideScale - size.width / 2),
    y: even(height / 2 + (fixed.y - frame.height / 2) * wideScale - size.height / 2),
  };
  const middle = { x: box.x + size.width / 2, y: box.y + size.height / 2 };
  const wide = { centreX: width / 2, centreY: height / 2, scale: wideScale };
  const close = {
    centreX: middle.x - ((middle.x - wide.centreX) / wideScale) * closeScale,
    centreY: middle.y - ((middle.y - wide.centreY) / wideScale) * closeScale,
    scale: closeScale,
  };
  return { width, height, photo: box, motion: alternate(wide, close, ordinal) };
}

/** The camera going in on the middle of a picture a little larger than the frame. */
export function pushIn(frame: Size): {
  readonly width: number;
  readonly height: number;
  readonly motion: Motion;
} {
  const width = even(frame.width * framedScale);
  const height = even(frame.height * framedScale);
  const scale = Math.min(width / frame.width, height / frame.height);
  const from = { centreX: width / 2, centreY: height / 2, scale };
  return { width, height, motion: { from, to: { ...from, scale: scale / framedZoom } } };
}

/** Where a box of the picture is in the frame, seen from a pose. */
export function seenFrom(pose: CameraPose, box: Box, frame: Size): Box {
  return {
    x: (box.x - pose.centreX) / pose.scale + frame.width / 2,
    y: (box.y - pose.centreY) / pose.scale + frame.height / 2,
    width: box.width / pose.scale,
    height: box.height / pose.scale,
  };
}

/** The part of the picture that a box of the frame shows, seen from a pose. */
export function shownBy(pose: CameraPose, box: Box, frame: Size): Box {
  return {
    x: (box.x - frame.width / 2) * pose.scale + pose.centreX,
    y: (box.y - frame.height / 2) * pose.scale + pose.centreY,
    width: box.width * pose.scale,
    height: box.height * pose.scale,
  };
}

function alternate(wide: CameraPose, close: CameraPose, ordinal: number): Motion {
  return ordinal % 2 === 0 ? { from: wide, to: close } : { from: close, to: wide };
}

/** The stretch of the photo around the focus, in whole px, inside the photo. */
function span<Axis extends "x" | "y">(
  focus: number,
  length: number,
  whole: number,
  axis: Axis,
): Axis extends "x" ? { x: number; width: number } : { y: number; height: number } {
  const rounded = Math.max(1, Math.min(whole, Math.round(length)));
  const start = Math.round(Math.min(whole - rounded, Math.max(0, focus - rounded / 2)));
  return (axis === "x" ? { x: start, width: rounded } : { y: start, height: rounded }) as ReturnType<
    typeof span<Axis>
  >;
}

function even(length: number): number {
  return Math.max(2, Math.round(length / 2) * 2);
}

function evenDown(length: number): number {
  return Math.max(2, Math.floor(length / 2) * 2);
}
