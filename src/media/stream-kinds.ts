import {
  AV_DISPOSITION_ATTACHED_PIC,
  AV_DISPOSITION_STILL_IMAGE,
  AV_DISPOSITION_TIMED_THUMBNAILS,
  AVMEDIA_TYPE_AUDIO,
  AVMEDIA_TYPE_VIDEO,
} from "node-av/constants";
import type { Stream } from "node-av/lib";

/** Whether a stream is decoded: moving pictures or sound. Cover art, thumbnails, text and data are not. */
export function isWanted(stream: Stream): boolean {
  return isMovingPicture(stream) || isSound(stream);
}

export function isMovingPicture(stream: Stream): boolean {
  if (stream.codecpar.codecType !== AVMEDIA_TYPE_VIDEO) return false;
  const still = AV_DISPOSITION_ATTACHED_PIC | AV_DISPOSITION_TIMED_THUMBNAILS | AV_DISPOSITION_STILL_IMAGE;
  return (stream.disposition & still) === 0;
}

export function isSound(stream: Stream): boolean {
  return stream.codecpar.codecType === AVMEDIA_TYPE_AUDIO;
}
