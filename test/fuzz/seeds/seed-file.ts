/** A sound file that mutations begin with. */
export interface SeedFile {
  readonly name: string;
  /** What is counted together: `mp4`, `heic`. */
  readonly kind: string;
  readonly bytes: Buffer;
  /** From a folder, and not made here. */
  readonly isGiven?: boolean;
}
