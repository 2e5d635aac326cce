/** A still whose file ends too early, as a whole file of what did arrive. */
export interface RescuedPicture {
  readonly file: Buffer;
  /** Which part of its rows is there, from the top: 0 to 1. */
  readonly shownShare: number;
  /** All rows are there, without their finest detail. */
  readonly isSofter?: boolean;
}
