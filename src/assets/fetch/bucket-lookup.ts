import type { BucketAccess, ObjectReader } from "../../http/object-reader.js";

export type BucketLookup = (bucket: string, signal: AbortSignal) => Promise<BucketAccess | null>;

/** Asks for each bucket once; one that could not be told of is asked for again. */
export function createBucketLookup(reader: Pick<ObjectReader, "findBucket"> | null): BucketLookup {
  const known = new Map<string, BucketAccess | null>();
  return async (bucket, signal) => {
    const answer = known.get(bucket) ?? (await reader?.findBucket(bucket, signal)) ?? null;
    known.set(bucket, answer);
    return answer;
  };
}
