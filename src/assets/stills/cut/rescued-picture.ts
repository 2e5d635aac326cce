/** A valid file with the part of a still that arrived. */
export interface RescuedPicture {
  readonly file: Buffer;
  /** Share of the rows that arrived, from the top: 0 to 1. */
  readonly shownShare: number;
  /** All rows are there, but without their finest detail. */
  readonly isSofter?: boolean;
}
