import type { Fence } from "./fence.js";

/** What each line of the log about an attempt carries. Ids of jobs are text: they are larger than numbers of JSON. */
export function idsOf(
  { msgId, readCount, attemptNumber }: Fence & { readonly attemptNumber: number },
  capsuleId: string | null,
): object {
  return { capsuleId, msgId: String(msgId), readCount, attempt: attemptNumber };
}
