/** Why a worker claims no job at present. */
export interface Refusal {
  /** Stable; figures in the sentence may change while it stays. */
  readonly code: string;
  /** What is wrong and how to mend it, in a sentence. */
  readonly reason: string;
  /** When to look again; sooner where a slot frees. */
  readonly waitSeconds: number;
}
