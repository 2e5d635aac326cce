/** A sound file that mutations begin with. */
export interface SeedFile {
  readonly name: string;
  /** The kind under which the file is counted: `mp4`, `heic`. */
  readonly kind: string;
  readonly bytes: Buffer;
  /** True for a file from a folder, which is not generated here. */
  readonly isGiven?: boolean;
}
