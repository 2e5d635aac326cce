import { test } from "vitest";

import type { AttemptHandler } from "../../../dist/queue/attempt.js";
import { enqueueCapsule } from "../../../dist/operator/enqueue.js";
import { filmOf, never, openQueueRig, type QueueRig } from "./queue-rig.js";

/** A rig, and what most tests of a consumer begin with. */
export interface ConsumerRig extends QueueRig {
  /** Adds a closed capsule and enqueues it. */
  readonly enqueue: () => Promise<string>;
}

/** Tests with one migrated database per file, which is emptied before each test. */
export const queueTest = test
  // oxlint-disable-next-line no-empty-pattern -- Vitest reads from the pattern which fixtures are used.
  .extend("openedRig", { scope: "file" }, async ({}, { onCleanup }) => {
    const rig = await openConsumerRig();
    onCleanup(async () => await rig[Symbol.asyncDispose]());
    return rig;
  })
  .extend("rig", async ({ openedRig }) => {
    await openedRig.clear();
    return openedRig;
  });

/** Tests with a migrated database each, so that those that mostly wait can run at the same time: `describe.concurrent`. */
// oxlint-disable-next-line no-empty-pattern -- Vitest reads from the pattern which fixtures are used.
export const ownDatabaseTest = test.extend("rig", async ({}, { onCleanup }) => {
  const rig = await openConsumerRig();
  onCleanup(async () => await rig[Symbol.asyncDispose]());
  return rig;
});

/** A handler that publishes a film without making one. */
export const publishAtOnce: AttemptHandler = async ({ capsuleId }) => ({
  outcome: "published",
  film: filmOf(capsuleId),
});

async function openConsumerRig(): Promise<ConsumerRig> {
  const rig = await openQueueRig();
  return {
    ...rig,
    enqueue: async () => {
      const capsuleId = await rig.addCapsule();
      await enqueueCapsule(rig.database, capsuleId, never);
      return capsuleId;
    },
  };
}
