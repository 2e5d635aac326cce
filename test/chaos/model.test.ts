import fc from "fast-check";

import { crowds, playCrowd } from "../integration/queue/crowd.js";
import { lives } from "../integration/queue/life-steps.js";
import { playLife } from "../integration/queue/play-life.js";
import { openQueueRig } from "../integration/queue/queue-rig.js";
import { attack } from "./attack.js";

/** Random lives of jobs against their model, and crowds of callers without one; `npm test` plays some hundreds elsewhere. */
attack(
  "model",
  {
    small: { lives: 10, crowds: 5, sideBySide: 1 },
    full: { lives: 10_000, crowds: 2_000, sideBySide: 3 },
  },
  async (dose, room) => {
    let steps = 0;
    let acts = 0;
    const violations: string[] = [];
    const play = async (seed: number): Promise<void> => {
      await using rig = await openQueueRig();
      const life = fc.asyncProperty(lives, async (one) => {
        steps += one.length;
        await playLife(rig, one);
      });
      const crowd = fc.asyncProperty(crowds, async (one) => {
        acts += one.flat().length;
        await playCrowd(rig, one);
      });
      const numRuns = (total: number): number => Math.ceil(total / dose.sideBySide);
      const livesFound = await fc.check(life, { seed, numRuns: numRuns(dose.lives) });
      if (livesFound.failed) violations.push(fc.defaultReportMessage(livesFound) ?? "a life failed");
      const crowdsFound = await fc.check(crowd, { seed, numRuns: numRuns(dose.crowds) });
      if (crowdsFound.failed) violations.push(fc.defaultReportMessage(crowdsFound) ?? "a crowd failed");
    };
    await Promise.all(Array.from({ length: dose.sideBySide }, (_, index) => play(room.seed + index)));
    return { figures: { lives: dose.lives, steps, crowds: dose.crowds, acts }, violations };
  },
);
