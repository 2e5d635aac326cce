import { prepareAsset } from "../../dist/assets/open-preparers.js";
import { toKeepsakeError } from "../../dist/errors.js";
import { judgePreparation } from "./judge-preparation.js";
import { placeFile } from "./place-file.js";
import { nameOf, type PreparationOutcome } from "./preparation-outcome.js";

/** Prepares a file as production does. Returns the result and its faults. */
export interface Confirmed {
  /** The code, or the kind of asset. */
  readonly outcome: string;
  readonly faults: readonly string[];
  readonly seconds: number;
}

/** Prepares a file in a process of its own, as it is done for a film. */
export async function confirmPreparation(bytes: Buffer, folder: string): Promise<Confirmed> {
  const input = await placeFile(bytes, folder);
  const begun = performance.now();
  const outcome = await prepareAlone(input, bytes.length);
  const faults = await judgePreparation(input, outcome, { alone: true });
  return { outcome: nameOf(outcome), faults, seconds: Math.round(performance.now() - begun) / 1000 };
}

/** Runs a separate child. */
export async function prepareAlone(
  input: Parameters<typeof prepareAsset>[0],
  sizeBytes: number,
): Promise<PreparationOutcome> {
  try {
    const prepared = await prepareAsset(input, { sizeBytes, signal: new AbortController().signal });
    return { kind: "ready", prepared, paintingFault: null };
  } catch (error) {
    const { code, fault, message, stack } = toKeepsakeError(error);
    return { kind: "refused", code, fault, message, stack: stack ?? "" };
  }
}
