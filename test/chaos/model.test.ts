import fc from "fast-check";

import { crowds, playCrowd } from "../integration/queue/crowd.js";
import { lives } from "../integration/queue/life-steps.js";
import { playLife } from "../integration/queue/play-life.js";
import { openQueueRig, type QueueRig } from "../integration/queue/queue-rig.js";
import { attack } from "./attack.js";

const fullMinutes = Number(process.env["KEEPSAKE_MODEL_MINUTES"] ?? 120);

/**
 * Random lives of jobs against their model, and crowds of callers without one; `npm run test:all` plays some hundreds elsewhere.
 * The figures say how many were really played: a dose that its time cuts short is not a full one.
 */
attack(
  "model",
  {
    small: { lives: 10, lifeDatabases: 1, crowds: 5, crowdDatabases: 1, maxMinutes: 5 },
    full: { lives: 10_000, lifeDatabases: 4, crowds: 2_000, crowdDatabases: 2, maxMinutes: fullMinutes },
  },
  async (dose, environment) => {
    const violations: string[] = [];
    const steps = { lives: 0, crowds: 0 };
    /** Plays the games on several databases at once, each with its share. */
    const playAll = async <Game>(
      games: fc.Arbitrary<Game>,
      total: number,
      databases: number,
      play: (rig: QueueRig, game: Game) => Promise<unknown>,
    ): Promise<number> => {
      const played = await Promise.all(
        Array.from({ length: databases }, async (_, index) => {
          await using rig = await openQueueRig();
          const property = fc.asyncProperty(games, async (game) => void (await play(rig, game)));
          const found = await fc.check(property, {
            seed: environment.seed + index,
            numRuns: Math.ceil(total / databases),
            interruptAfterTimeLimit: dose.maxMinutes * 60_000,
          });
          if (found.failed)
            violations.push(`${String(found.errorInstance)}: ${fc.defaultReportMessage(found)}`);
          return found.numRuns;
        }),
      );
      return played.reduce((sum, runs) => sum + runs, 0);
    };
    const [livesPlayed, crowdsPlayed] = await Promise.all([
      playAll(lives, dose.lives, dose.lifeDatabases, async (rig, life) => {
        await playLife(rig, life);
        steps.lives += life.length;
      }),
      playAll(crowds, dose.crowds, dose.crowdDatabases, async (rig, crowd) => {
        await playCrowd(rig, crowd);
        steps.crowds += crowd.flat().length;
      }),
    ]);
    const asked = { livesAsked: dose.lives, crowdsAsked: dose.crowds };
    const figures = { lives: livesPlayed, steps: steps.lives, crowds: crowdsPlayed, acts: steps.crowds };
    return { figures: { ...figures, ...asked }, violations };
  },
);
