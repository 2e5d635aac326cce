import { openVideoEncoder, type VideoEncoder } from "../../media/film-files/video-encoder.js";
import type { EncoderSettings } from "../model/quality.js";
import type { PaintPlan } from "../model/segments.js";

const gopSeconds = 2;
/** The same number on any machine: another number makes other bytes of the same frames. */
const threads = 2;

/** The encoder as every segment of a film must have it, so that they fit together. */
export async function openSegmentEncoder(
  { width, height, fps }: Pick<PaintPlan, "width" | "height" | "fps">,
  encoder: EncoderSettings,
  path: string,
): Promise<VideoEncoder> {
  return await openVideoEncoder({
    ...encoder,
    path,
    width,
    height,
    fps,
    gopFrames: gopSeconds * fps,
    threads,
  });
}
