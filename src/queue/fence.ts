/** Says which delivery of which job this is. Whoever holds an older one can write nothing. */
export interface Fence {
  readonly msgId: bigint;
  /** PGMQ's `read_ct`: grows with each delivery. */
  readonly readCount: number;
}
