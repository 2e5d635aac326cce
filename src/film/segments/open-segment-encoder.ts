import { openVideoEncoder, type VideoEncoder } from "../../media/film-files/video-encoder.js";
import type { EncoderSettings } from "../model/quality.js";
import type { PaintPlan } from "../model/segments.js";

const gopSeconds = 2;
/** The same number on any machine, because another number makes other bytes from the same frames. */
const threads = 2;

/** Opens the encoder with the settings that every segment of a film must share to fit together. */
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
