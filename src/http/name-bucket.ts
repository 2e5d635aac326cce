/**
 * A bucket for a sentence that is logged: by its name, unless that is no name as buckets have them. References are
 * written by strangers, and what looks like a bucket may be somebody's words.
 */
export function nameBucket(bucket: string): string {
  return /^[\w.-]{1,63}$/.test(bucket) ? `bucket ${bucket}` : "a bucket of an odd name";
}
