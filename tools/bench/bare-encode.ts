import type { PaintPlan } from "../../dist/film/model/segments.js";
import { runChild } from "../../dist/process/run-child.js";
import type { BareEncodeInput } from "./bare-encode-child.js";
import type { RawFramesInput } from "./raw-frames-child.js";

interface BareOptions {
  /** Private and existing folder. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

const stepSeconds = 3600;

/** Paints the frames of a segment into a file of `I420` pictures, one after the other: 3 MB each at 1080p. */
export async function paintRaw(plan: PaintPlan, rawPath: string, options: BareOptions): Promise<void> {
  const task = new URL("./raw-frames-child.js", import.meta.url);
  const input = { plan, path: rawPath };
  await runChild<RawFramesInput, null>(task, input, { ...options, timeoutSeconds: stepSeconds });
}

/** Encodes the frames of `paintRaw` with the encoder of a film's segments. */
export async function encodeRaw(
  input: Omit<BareEncodeInput, "plan"> & { readonly plan: PaintPlan },
  options: BareOptions,
): Promise<void> {
  const { width, height, fps, frameCount } = input.plan;
  const task = new URL("./bare-encode-child.js", import.meta.url);
  const bare = { ...input, plan: { width, height, fps, frameCount } };
  await runChild<BareEncodeInput, null>(task, bare, { ...options, timeoutSeconds: stepSeconds });
}
