/**
 * Fits the segments of a film into so many bytes without encoding them all twice: a few, spread over the film, say
 * what it costs; the rest is encoded in batches, each with the quality that what is left of the bytes allows; at the
 * end a few are made again where the sum is over, or well under. Every decision follows from sizes alone, in an order
 * that does not depend on the cores, so the same inputs make the same bytes.
 */
export interface FitSpan {
  readonly frameCount: number;
  /** Still and moving pictures cost so differently that one says nothing about the other. */
  readonly isStill: boolean;
}

export interface FitTask {
  /** In the film. */
  readonly index: number;
  readonly crf: number;
}

export interface FitOptions {
  /** In film order. */
  readonly spans: readonly FitSpan[];
  readonly pictureBytes: number;
  /** Of the chosen quality: never gone below. */
  readonly bestCrf: number;
  /** Above it a smaller picture looks better. */
  readonly worstCrf: number;
  /** Where the sample is begun with. */
  readonly guessCrf: number;
  /** Encodes these segments, side by side; each replaces what was made of the same index. */
  readonly encode: (tasks: readonly FitTask[]) => Promise<readonly { readonly sizeBytes: number }[]>;
}

export interface Fitted {
  /** Of each segment, in film order. */
  readonly crfs: readonly number[];
  readonly sizeBytes: number;
  /** Frames encoded, those that were made again included. */
  readonly encodedFrames: number;
}

/** A film that is under its limit by less is let be. */
const fullShare = 0.985;
const sampleShare = 1 / 6;
const batchSegments = 8;
const crfStep = 0.5;
/** x264's sizes halve about every 3.7 steps of CRF (measured on our films), and more slowly the higher it is. */
export const usualCrfPerHalving = 3.7;
const [minCrfPerHalving, maxCrfPerHalving] = [2, 20] as const;
/** So much worse at most than what was found for the film is a batch; what is still too much is trimmed. */
const batchCrf = 4;
/** How often the sample is encoded until it is what the film will be. */
const maxSampleRuns = 2;
/** A sample this near to the quality that was found for the film stays as it is. */
const sampleToleranceCrf = 2;
/** So much worse at most is a segment that is made again because the sum is over. */
const trimCrf = 3;
const minTrimCrf = 0.025;
const maxTrims = 8;
const worstPossibleCrf = 51;

/**
 * @returns null when the film would have to be worse than `worstCrf`; only the sample was encoded then
 */
export async function fitSegments(options: FitOptions): Promise<Fitted | null> {
  const { spans, pictureBytes, bestCrf, worstCrf } = options;
  const made = new Map<number, Made>();
  const halving = createHalving();
  let encodedFrames = 0;
  const encode = async (tasks: readonly FitTask[]): Promise<void> => {
    const results = await options.encode(tasks);
    for (const [place, { index, crf }] of tasks.entries()) {
      const now = { crf, sizeBytes: results[place]?.sizeBytes ?? 0 };
      const before = made.get(index);
      const ownCrfPerHalving = before === undefined ? null : halving.learn(before, now);
      made.set(index, { ...now, ownCrfPerHalving });
      encodedFrames += (spans[index] as FitSpan).frameCount;
    }
  };

  const sample = pickSample(spans);
  const settled = new Set<number>();
  const find = () => crfToFit(spans, made, { settled, pictureBytes, crfPerHalving: halving.crf() });
  let found = options.guessCrf;
  for (let run = 0; run < maxSampleRuns; run += 1) {
    const sampleCrf = clampCrf(found, bestCrf, worstCrf);
    await encode(sample.map((index) => ({ index, crf: sampleCrf })));
    found = find();
    if (found > worstCrf + crfStep) return null;
    if (Math.abs(clampCrf(found, bestCrf, worstCrf) - sampleCrf) <= sampleToleranceCrf) break;
  }
  for (const index of sample) settled.add(index);

  const filmCrf = clampCrf(found, bestCrf, worstCrf);
  const isRoomy = found < bestCrf - 2 * usualCrfPerHalving;
  const waiting = [...spans.keys()].filter((index) => !settled.has(index));
  while (waiting.length > 0) {
    const batch = waiting.splice(0, isRoomy ? waiting.length : batchSegments);
    const crf = clampCrf(find(), bestCrf, Math.min(worstPossibleCrf, filmCrf + batchCrf));
    await encode(batch.map((index) => ({ index, crf })));
    for (const index of batch) settled.add(index);
  }

  for (let trim = 0; trim < maxTrims; trim += 1) {
    const again = planTrim(made, { pictureBytes, bestCrf, crfPerHalving: halving.crf() });
    if (again.length === 0) break;
    await encode(again);
  }
  return {
    crfs: Array.from(spans, (_, index) => made.get(index)?.crf ?? bestCrf),
    sizeBytes: sumOf(made),
    encodedFrames,
  };
}

type MadeSegments = ReadonlyMap<number, Made>;

interface Encoded {
  readonly crf: number;
  readonly sizeBytes: number;
}

interface Made extends Encoded {
  /** Of the segment itself, where it was encoded twice. */
  readonly ownCrfPerHalving: number | null;
}

/** Segments evenly spread over the film, of at least a sixth of its frames, and of both kinds. */
function pickSample(spans: readonly FitSpan[]): number[] {
  const pick = (isStill: boolean): number[] => {
    const of = [...spans.keys()].filter((index) => (spans[index] as FitSpan).isStill === isStill);
    const count = Math.min(of.length, Math.ceil(of.length * sampleShare));
    return Array.from(
      { length: count },
      (_, place) => of[Math.floor(((place + 0.5) * of.length) / count)] as number,
    );
  };
  return [...pick(true), ...pick(false)].sort((a, b) => a - b);
}

/**
 * The CRF at which all that is not settled takes what is left of the bytes, going by what was made so far; 0 when
 * everything is settled.
 */
function crfToFit(
  spans: readonly FitSpan[],
  made: MadeSegments,
  { settled, pictureBytes, crfPerHalving }: CrfToFit,
): number {
  const rates = { still: createRate(), moving: createRate() };
  const rateOf = (index: number) => ((spans[index] as FitSpan).isStill ? rates.still : rates.moving);
  for (const [index, { crf, sizeBytes }] of made) {
    rateOf(index).add((spans[index] as FitSpan).frameCount, sizeBytes * 2 ** (crf / crfPerHalving));
  }
  let leftBytes = pictureBytes;
  let neededBytes = 0;
  for (const [index, { frameCount }] of spans.entries()) {
    if (settled.has(index)) leftBytes -= made.get(index)?.sizeBytes ?? 0;
    else neededBytes += rateOf(index).perFrame() * frameCount;
  }
  if (neededBytes === 0) return 0;
  return leftBytes <= 0 ? worstPossibleCrf : crfPerHalving * Math.log2(neededBytes / leftBytes);
}

interface Slope {
  /** Steps of CRF that halve a size. */
  readonly crfPerHalving: number;
}

interface CrfToFit extends Slope {
  readonly settled: ReadonlySet<number>;
  readonly pictureBytes: number;
}

/** How many steps of CRF halve the size of this film: learned from segments that were encoded twice. */
function createHalving() {
  const sum = { steps: 0, halvings: 0 };
  return {
    /** @returns that of this segment alone */
    learn(before: Encoded, now: Encoded): number {
      const steps = Math.abs(now.crf - before.crf);
      const halvings = Math.abs(Math.log2(Math.max(1, before.sizeBytes) / Math.max(1, now.sizeBytes)));
      sum.steps += steps;
      sum.halvings += halvings;
      return crfPerHalvingOf({ steps, halvings });
    },
    crf: () => crfPerHalvingOf(sum),
  };
}

function crfPerHalvingOf({ steps, halvings }: { readonly steps: number; readonly halvings: number }): number {
  if (steps === 0 || halvings === 0) return usualCrfPerHalving;
  return Math.min(maxCrfPerHalving, Math.max(minCrfPerHalving, steps / halvings));
}

/** What a frame of a kind would take at CRF 0. */
function createRate() {
  let frames = 0;
  let bytes = 0;
  return {
    add(moreFrames: number, moreBytes: number): void {
      frames += moreFrames;
      bytes += moreBytes;
    },
    perFrame: () => (frames === 0 ? 0 : bytes / frames),
  };
}

/** The fewest segments that are to be made again, the largest first, so that the sum comes out just under the limit. */
function planTrim(
  made: MadeSegments,
  { pictureBytes, bestCrf, crfPerHalving }: Pick<FitOptions, "pictureBytes" | "bestCrf"> & Slope,
): FitTask[] {
  const total = sumOf(made);
  const isOver = total > pictureBytes;
  const couldBeBetter =
    total < pictureBytes * fullShare && [...made.values()].some(({ crf }) => crf > bestCrf);
  if (!isOver && !couldBeBetter) return [];
  // Aimed into the middle of what is allowed.
  let change = pictureBytes * ((1 + fullShare) / 2) - total;
  const tasks: FitTask[] = [];
  const largestFirst = [...made].sort(([i, a], [j, b]) => b.sizeBytes - a.sizeBytes || i - j);
  for (const [index, { crf, sizeBytes, ownCrfPerHalving }] of largestFirst) {
    if (isOver ? change >= 0 : change <= 0) break;
    const slope = ownCrfPerHalving ?? crfPerHalving;
    const wanted = crf - slope * Math.log2(Math.max(0.05, 1 + change / sizeBytes));
    const [least, most] = isOver ? [minTrimCrf, trimCrf] : [-trimCrf, -minTrimCrf];
    const bounded = Math.min(crf + most, Math.max(crf + least, wanted));
    const next = Math.round(40 * Math.min(worstPossibleCrf, Math.max(bestCrf, bounded))) / 40;
    if (next === crf) continue;
    tasks.push({ index, crf: next });
    change -= sizeBytes * (2 ** ((crf - next) / slope) - 1);
  }
  return tasks;
}

/** In coarse steps, so that one more message seldom changes the quality of all others. */
function clampCrf(crf: number, best: number, worst: number): number {
  return Math.min(worst, Math.max(best, Math.ceil(crf / crfStep) * crfStep));
}

function sumOf(made: MadeSegments): number {
  return [...made.values()].reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}
