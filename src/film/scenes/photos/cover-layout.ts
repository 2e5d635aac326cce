import { even, type Box, type Size } from "../../model/box.js";
import type { PhotoAsset } from "../../../media/asset.js";
import type { Motion } from "../../model/scene-layers.js";
import { motionBetween, toFrameBox } from "./camera.js";
import { maxEnlargement } from "../../model/frame-units.js";

/** The picture of a photo that fills the frame, and the camera's move over it, in px of the frame or the picture. */
export interface CoverLayout {
  /** Part of the photo that is ever visible, in whole px of it. */
  readonly part: Box;
  /** Even size of the picture that the part is resized to. */
  readonly width: number;
  readonly height: number;
  readonly motion: Motion;
}

/**
 * A photo with its important parts as fractions of its size: a focus point, and a box around all heads where there
 * are any.
 */
export type CoverPhoto = Pick<PhotoAsset, "width" | "height" | "focus" | "subject">;

/** A photo may fill the frame if at least this share of it is visible. */
const minVisibleShare = 0.8;
/** Picture px per frame px: the painter's resampler accepts 0.5 to 1.15. */
const finest = 1.12;
const coarsest = 0.52;
const minZoom = 1.05;
const maxZoom = 1.12;
const zoomPerSecond = 0.011;
/** The camera's centre travels at most this share of the view. */
const maxDrift = 0.06;
/**
 * Minimum distance of the subject from the frame's edge, as a share of the view; less where the photo itself ends.
 */
const subjectMargin = 0.03;

/** Whether a photo has the shape and size to fill the frame without cutting off its subject. */
export function fillsFrame(photo: CoverPhoto, frame: Size): boolean {
  const shape = (photo.width / photo.height) * (frame.height / frame.width);
  const visibleShare = Math.min(shape, 1 / shape);
  const enlargement = Math.max(frame.width / photo.width, frame.height / photo.height);
  if (visibleShare < minVisibleShare || enlargement > maxEnlargement) return false;
  const visible = visibleSize(photo, frame);
  const roomShare = (1 - 2 * subjectMargin) / maxZoom;
  const subject = subjectOf(photo);
  return subject.width <= visible.width * roomShare && subject.height <= visible.height * roomShare;
}

/**
 * Lays out a photo that fills the frame. The camera moves towards the subject, or back from it in every other scene.
 * Its closest view is part of its widest, so nothing new is cut off on the way. The zoom is 5 to 12 %, more in a
 * longer scene, so that all photos move at about the same calm speed.
 */
export function layOutCover(
  photo: CoverPhoto,
  frame: Size,
  { seconds, zoomsIn }: { readonly seconds: number; readonly zoomsIn: boolean },
): CoverLayout {
  const zoom = 1 + Math.min(maxZoom - 1, Math.max(minZoom - 1, zoomPerSecond * seconds));
  const visible = visibleSize(photo, frame);
  const subject = subjectOf(photo);
  const across = rangeAround(
    photo.focus.x * photo.width,
    { start: subject.x, length: subject.width },
    { length: visible.width, whole: photo.width },
  );
  const down = rangeAround(
    photo.focus.y * photo.height,
    { start: subject.y, length: subject.height },
    { length: visible.height, whole: photo.height },
  );
  const part = { x: across.start, y: down.start, width: across.length, height: down.length };
  const perPhotoPx = Math.max(
    Math.min(1, (finest * frame.width) / part.width, (finest * frame.height) / part.height),
    (coarsest * zoom * frame.width) / part.width,
    (coarsest * zoom * frame.height) / part.height,
  );
  const width = even(part.width * perPhotoPx);
  const height = even(part.height * perPhotoPx);
  const scale = Math.min(width / frame.width, height / frame.height);
  const wide = { centreX: width / 2, centreY: height / 2, scale };
  /** Finds the centre of the closest view along one axis of the picture. */
  const closeCentre = (focus: number, subjectRange: Range, whole: number, view: number): number => {
    const { start, length } = subjectRange;
    const slack = (view - view / zoom) / 2;
    const reach = Math.min(slack, maxDrift * view);
    const towards = clamp(focus, whole / 2 - reach, whole / 2 + reach);
    const margin = subjectMargin * view;
    const half = view / zoom / 2;
    const withSubject = clamp(towards, start + length + margin - half, start - margin + half);
    return clamp(withSubject, whole / 2 - slack, whole / 2 + slack);
  };
  const [toX, toY] = [width / part.width, height / part.height];
  const close = {
    centreX: closeCentre(
      (photo.focus.x * photo.width - part.x) * toX,
      { start: (subject.x - part.x) * toX, length: subject.width * toX },
      width,
      frame.width * scale,
    ),
    centreY: closeCentre(
      (photo.focus.y * photo.height - part.y) * toY,
      { start: (subject.y - part.y) * toY, length: subject.height * toY },
      height,
      frame.height * scale,
    ),
    scale: scale / zoom,
  };
  return { part, width, height, motion: motionBetween(wide, close, zoomsIn) };
}

/**
 * Whether a head is under a box of the frame at any time.
 *
 * @param box in px of the frame
 */
export function isSubjectUnder(
  photo: CoverPhoto,
  { part, width, height, motion }: CoverLayout,
  box: Box,
  frame: Size,
): boolean {
  if (photo.subject === undefined) return false;
  const subject = subjectOf(photo);
  const [toX, toY] = [width / part.width, height / part.height];
  const inPicture = {
    x: (subject.x - part.x) * toX,
    y: (subject.y - part.y) * toY,
    width: subject.width * toX,
    height: subject.height * toY,
  };
  return [motion.from, motion.to].some((pose) => {
    const head = toFrameBox(pose, inPicture, frame);
    const isBeside = head.x > box.x + box.width || head.x + head.width < box.x;
    return !isBeside && head.y + head.height > box.y && head.y < box.y + box.height;
  });
}

/** The subject in px of the photo: the heads, or the focus point where there are none. */
function subjectOf({ width, height, focus, subject }: CoverPhoto): Box {
  const box = subject ?? { ...focus, width: 0, height: 0 };
  return { x: box.x * width, y: box.y * height, width: box.width * width, height: box.height * height };
}

/** The largest part of the photo that has the frame's shape. */
function visibleSize(photo: Size, frame: Size): Size {
  const aspect = frame.width / frame.height;
  const width = Math.min(photo.width, photo.height * aspect);
  return { width, height: width / aspect };
}

/** Finds the range of the photo around its focus that includes the whole subject, in whole px, inside the photo. */
function rangeAround(
  focus: number,
  subject: Range,
  { length, whole }: { readonly length: number; readonly whole: number },
): Range {
  const rounded = Math.max(1, Math.min(whole, Math.round(length)));
  const margin = subjectMargin * rounded;
  const latest = subject.start - margin;
  const earliest = subject.start + subject.length + margin - rounded;
  const start = clamp(focus - rounded / 2, earliest, latest);
  return { start: Math.round(clamp(start, 0, whole - rounded)), length: rounded };
}

interface Range {
  readonly start: number;
  readonly length: number;
}

function clamp(value: number, min: number, max: number): number {
  return Math.max(min, Math.min(max, value));
}
