import { attack } from "./attack.js";
import type { ChaosEnvironment } from "./chaos-environment.js";
import { distribution } from "./distribution.js";
import type { FilmPlan } from "./enqueue-films.js";
import { jobsInQueue } from "./jobs-in-queue.js";
import type { HeldStatement } from "./statement-gate.js";
import type { WorkerProcess } from "./worker-process.js";

/** The stages at which a worker is stopped. Each statement is a transaction, so `publish` on the server is the COMMIT. */
const stages = [
  "after-claim",
  "fetch",
  "paint",
  "before-upload",
  "in-upload",
  "after-fence",
  "before-commit",
  "after-commit",
] as const;
type Stage = (typeof stages)[number];

/** A worker must not lose a lease by itself before it is stopped: a busy machine may send no heartbeat for 15 seconds. */
const leaseSeconds = 20;
/** Less than the stall limit of an upload. */
const holdSeconds = 30;
const settings = {
  leaseSeconds,
  heartbeatSeconds: 1,
  leaseMarginSeconds: 5,
  drainSeconds: 30,
  busyPollSeconds: 0.2,
  idlePollSeconds: 1,
};

interface Case {
  readonly capsuleId: string;
  readonly stage: Stage;
  readonly stubborn: boolean;
}

/**
 * Workers are stopped (SIGSTOP) with each of their films held at one stage, for longer than their lease. Other workers
 * claim the jobs and publish. Then the stopped workers run again (SIGCONT) and continue where they were. Every second film
 * is stubborn: it ignores the abort by its worker, so only the fence protects the rows and objects from it.
 */
attack(
  "zombie",
  { small: { zombies: 16, perRound: 16, sleepers: 2 }, full: { zombies: 576, perRound: 48, sleepers: 6 } },
  async (dose, environment) => {
    const slots = dose.perRound / dose.sleepers;
    const asleepSeconds: number[] = [];
    const outcomes: Record<string, Record<string, number>> = {};
    const violations: string[] = [];
    let zombies = 0;
    let tries = 0;
    for (; zombies < dose.zombies; tries += dose.perRound) {
      const plans = Array.from({ length: dose.perRound }, (_, index) =>
        planOf(tries + index, environment.random),
      );
      const ids = await environment.enqueue(plans.map(({ plan }) => plan));
      const cases = plans.map(({ stage, plan }, index) => {
        return { capsuleId: ids[index] ?? "", stage, stubborn: plan.stubborn ?? false };
      });
      const round = await playRound(environment, cases, { ...dose, slots });
      zombies += round.ends.length;
      asleepSeconds.push(round.asleepSeconds);
      for (const { stage, outcome } of round.ends) {
        const counts = (outcomes[stage] ??= {});
        counts[outcome] = (counts[outcome] ?? 0) + 1;
        // A committed statement published the film, whether its reply reaches the zombie or not.
        if (outcome !== "lost" && !(stage === "after-commit" && outcome === "published")) {
          violations.push(`a zombie at ${stage} ended as ${outcome}`);
        }
      }
    }
    return {
      figures: { zombies, tries, leaseSeconds, asleepSeconds: distribution(asleepSeconds), outcomes },
      violations,
    };
  },
);

function planOf(index: number, random: () => number): { stage: Stage; plan: FilmPlan } {
  const stage = stages[index % stages.length] ?? "paint";
  const stubborn = Math.floor(index / stages.length) % 2 === 1;
  return { stage, plan: { seconds: 0.2 + random() / 2, stubborn, ...holds[stage] } };
}

/** What the plan of the film says for its stage. The statement gate holds a film at the other stages. */
const holds: Readonly<Record<Stage, Pick<FilmPlan, "hold" | "sameBytes">>> = {
  "after-claim": {},
  fetch: { hold: "fetch" },
  paint: { hold: "paint" },
  "before-upload": { hold: "before-upload" },
  "in-upload": { hold: "in-upload" },
  // No fence comes after this one, so the object is overwritten. Real films of one kind of machine have the same bytes.
  "after-fence": { hold: "fenced", sameBytes: true },
  "before-commit": {},
  "after-commit": {},
};

async function playRound(
  environment: ChaosEnvironment,
  cases: readonly Case[],
  { sleepers, slots }: { readonly sleepers: number; readonly slots: number },
): Promise<{ asleepSeconds: number; ends: readonly { stage: Stage; outcome: string }[] }> {
  const ended = new Map<Case, string>();
  for (const one of cases)
    void firstEnd(environment, one.capsuleId).then((outcome) => ended.set(one, outcome));
  const releases = new Map<Case, () => void>();
  for (const one of cases) void holdAt(environment, one).then((release) => releases.set(one, release));
  const zombies = Array.from({ length: sleepers }, () => environment.startWorker({ ...settings, slots }));
  // On a busy machine a film may lose its lease before it reaches its stage, or before all films have.
  const allHeld = async (): Promise<boolean> => await Promise.resolve(releases.size === cases.length);
  await environment.until("every film is held", allHeld, holdSeconds).catch(() => undefined);
  for (const one of cases) environment.gate.forget(one.capsuleId);
  const held = [...releases];
  const asleep = held.filter(([one]) => !ended.has(one)).map(([one]) => one);
  const stoppedAt = Date.now();
  for (const zombie of zombies) zombie.kill("SIGSTOP");

  const takers = [0, 1].map(() => environment.startWorker({ ...settings, slots: cases.length }));
  await environment.until(
    "the stopped workers' films are published by others",
    async () => (await jobsInQueue(environment)) === 0,
    300,
  );
  const asleepSeconds = (Date.now() - stoppedAt) / 1000;

  for (const zombie of zombies) zombie.kill("SIGCONT");
  for (const [, release] of held) release();
  const allEnded = async (): Promise<boolean> => await Promise.resolve(asleep.every((one) => ended.has(one)));
  await environment.until("every zombie has ended its films", allEnded, 300);
  const all = [...zombies, ...takers];
  for (const worker of all) worker.kill("SIGTERM");
  await Promise.all(all.map(({ exited }) => exited));
  return {
    asleepSeconds,
    ends: asleep.map((one) => ({ stage: one.stage, outcome: ended.get(one) ?? "unknown" })),
  };
}

/** Resolves when the film of a capsule is held at its stage. @returns the function that lets it continue */
async function holdAt(
  environment: ChaosEnvironment,
  { capsuleId, stage, stubborn }: Case,
): Promise<() => void> {
  if (stage === "after-claim") return (await environment.gate.hold("acquire", capsuleId, "request")).release;
  if (stage === "before-commit")
    return (await environment.gate.hold("publish", capsuleId, "request")).release;
  if (stage === "after-commit") {
    const reply: HeldStatement = await environment.gate.hold("publish", capsuleId, "reply");
    // Every second reply never arrives.
    return stubborn ? reply.cut : reply.release;
  }
  return await new Promise((resolve) => {
    const onHeld = (message: { readonly capsuleId: string }, worker: WorkerProcess): void => {
      if (message.capsuleId !== capsuleId) return;
      environment.events.off("held", onHeld);
      resolve(() => worker.go(capsuleId));
    };
    environment.events.on("held", onHeld);
  });
}

/** Resolves to the outcome of the first delivery of a capsule's job, as its worker reports it. */
async function firstEnd(environment: ChaosEnvironment, capsuleId: string): Promise<string> {
  return await new Promise((resolve) => {
    const onEnd = (end: { capsuleId: string; readCount: number; outcome: string }): void => {
      if (end.capsuleId !== capsuleId || end.readCount !== 1) return;
      environment.events.off("ended", onEnd);
      resolve(end.outcome);
    };
    environment.events.on("ended", onEnd);
  });
}
