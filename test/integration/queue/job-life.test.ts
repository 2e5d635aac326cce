import fc from "fast-check";
import { it } from "vitest";

import { crowds, playCrowd } from "./crowd.js";
import { lives } from "./life-steps.js";
import { playLife } from "./play-life.js";
import { openQueueRig } from "./queue-rig.js";

const runs = Number(process.env["KEEPSAKE_TEST_RUNS"] ?? 300);
const crowdRuns = Math.ceil(runs / 5);

/** A machine that is very busy with other things plays fewer. `npm run chaos -- model` plays thousands. */
const maxMilliseconds = 240_000;

it(`a job changes as its model does, for any calls in any order (at most ${runs} lives)`, async () => {
  await using rig = await openQueueRig();
  await fc.assert(
    fc.asyncProperty(lives, (steps) => playLife(rig, steps)),
    { numRuns: runs, plugins: [fc.interruptAfterTimeLimit(maxMilliseconds)] },
  );
});

it(`a job is neither lost nor done twice under many concurrent calls (at most ${crowdRuns} crowds)`, async () => {
  await using rig = await openQueueRig();
  await fc.assert(
    fc.asyncProperty(crowds, (crowd) => playCrowd(rig, crowd)),
    { numRuns: crowdRuns, plugins: [fc.interruptAfterTimeLimit(maxMilliseconds)] },
  );
});
