import type { PreparedFile } from "../../dist/assets/open-preparers.js";
import type { DecodedFile } from "../../dist/assets/prepare-file.js";

/** The outcome of the preparation of one file. */
export type PreparationOutcome =
  | {
      readonly kind: "ready";
      readonly prepared: PreparedFile | DecodedFile;
      readonly paintingFault: string | null;
    }
  | {
      readonly kind: "refused";
      readonly code: string;
      readonly fault: string;
      readonly message: string;
      readonly stack: string;
    }
  /** The process ended by itself: by a signal, or with an exit code. */
  | { readonly kind: "crashed"; readonly how: string; readonly said: string }
  /** It was ended, as it took too much. */
  | { readonly kind: "stopped"; readonly why: "time" | "memory"; readonly how: string };

/** The code, the kind of asset, or how it ended. */
export function nameOf(outcome: PreparationOutcome): string {
  if (outcome.kind === "refused") return outcome.code;
  return outcome.kind === "ready" ? outcome.prepared.asset.kind : outcome.kind;
}
