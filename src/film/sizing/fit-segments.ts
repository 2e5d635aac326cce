/**
 * Fits the segments of a film into a number of bytes without encoding all of them twice. A sample, spread over the
 * film, shows what it costs. The rest is encoded in batches, each with the quality that the remaining bytes allow. At
 * the end a few are encoded again where the sum is over the limit, or well under it. Every decision follows from
 * sizes alone, in an order that does not depend on the number of cores, so that the same inputs make the same bytes.
 */
export interface FitSpan {
  readonly frameCount: number;
  /**
   * Whether the picture stands still. Still and moving pictures cost so differently that one does not predict the
   * other.
   */
  readonly isStill: boolean;
}

export interface FitTask {
  /** Index in the film. */
  readonly index: number;
  readonly crf: number;
}

export interface FitOptions {
  /** Segments in film order. */
  readonly spans: readonly FitSpan[];
  readonly pictureBytes: number;
  /** CRF of the chosen quality; the film is never encoded with a lower one. */
  readonly bestCrf: number;
  /** Highest CRF at which a smaller picture is not yet better. */
  readonly worstCrf: number;
  /** CRF at which the sample is first encoded. */
  readonly guessCrf: number;
  /** Encodes these segments concurrently; each replaces the earlier encoding of the same index. */
  readonly encode: (tasks: readonly FitTask[]) => Promise<readonly { readonly sizeBytes: number }[]>;
}

export interface Fitted {
  /** CRF of each segment, in film order. */
  readonly crfs: readonly number[];
  readonly sizeBytes: number;
  /** Frames encoded, including those that were encoded again. */
  readonly encodedFrames: number;
}

/** A film above this share of its limit is left as it is. */
const fullShare = 0.985;
const sampleShare = 1 / 6;
const batchSegments = 8;
const crfStep = 0.5;
/** Steps of CRF that halve x264's sizes (measured on our films); at a high CRF they halve more slowly. */
export const usualCrfPerHalving = 3.7;
const [minCrfPerHalving, maxCrfPerHalving] = [2, 20] as const;
/** A batch is at most this much worse than the CRF found for the film; what is still too large is trimmed. */
const batchCrf = 4;
/** Maximum number of times that the sample is encoded until it matches the film. */
const maxSampleRuns = 2;
/** A sample this near to the CRF found for the film stays as it is. */
const sampleToleranceCrf = 2;
/** A segment that is encoded again because the sum is over the limit is at most this much worse. */
const trimCrf = 3;
const minTrimCrf = 0.025;
const maxTrims = 8;
const worstPossibleCrf = 51;

/** @returns null when the film would have to be worse than `worstCrf`; then only the sample was encoded */
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
      const ownCrfPerHalving = before === undefined ? null : halving.record(before, now);
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
  /** Steps of CRF that halve this segment's size; null where it was encoded only once. */
  readonly ownCrfPerHalving: number | null;
}

/** Picks segments evenly spread over the film, at least a sixth of its frames, of both kinds. */
function pickSample(spans: readonly FitSpan[]): number[] {
  const pick = (isStill: boolean): number[] => {
    const candidates = [...spans.keys()].filter((index) => (spans[index] as FitSpan).isStill === isStill);
    const count = Math.min(candidates.length, Math.ceil(candidates.length * sampleShare));
    return Array.from(
      { length: count },
      (_, place) => candidates[Math.floor(((place + 0.5) * candidates.length) / count)] as number,
    );
  };
  return [...pick(true), ...pick(false)].sort((a, b) => a - b);
}

/**
 * Estimates the CRF at which all unsettled segments use the remaining bytes, based on the encodings so far; 0 when
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

/** Estimates how many steps of CRF halve the size of this film, from segments that were encoded twice. */
function createHalving() {
  const sum = { steps: 0, halvings: 0 };
  return {
    /** @returns the steps for this segment alone */
    record(before: Encoded, now: Encoded): number {
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

/** Estimates the bytes of a frame of one kind at CRF 0. */
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

/** Chooses the fewest segments to encode again, the largest first, so that the sum comes out just under the limit. */
function planTrim(
  made: MadeSegments,
  { pictureBytes, bestCrf, crfPerHalving }: Pick<FitOptions, "pictureBytes" | "bestCrf"> & Slope,
): FitTask[] {
  const total = sumOf(made);
  const isOver = total > pictureBytes;
  const couldBeBetter =
    total < pictureBytes * fullShare && [...made.values()].some(({ crf }) => crf > bestCrf);
  if (!isOver && !couldBeBetter) return [];
  // The target is the middle of the allowed range.
  let change = pictureBytes * ((1 + fullShare) / 2) - total;
  const tasks: FitTask[] = [];
  const largestFirst = [...made].sort(([i, a], [j, b]) => b.sizeBytes - a.sizeBytes || i - j);
  for (const [index, { crf, sizeBytes, ownCrfPerHalving }] of largestFirst) {
    if (isOver ? change >= 0 : change <= 0) break;
    const slope = ownCrfPerHalving ?? crfPerHalving;
    const wanted = crf - slope * Math.log2(Math.max(0.05, 1 + change / sizeBytes));
    const [minChange, maxChange] = isOver ? [minTrimCrf, trimCrf] : [-trimCrf, -minTrimCrf];
    const bounded = Math.min(crf + maxChange, Math.max(crf + minChange, wanted));
    const next = Math.round(40 * Math.min(worstPossibleCrf, Math.max(bestCrf, bounded))) / 40;
    if (next === crf) continue;
    tasks.push({ index, crf: next });
    change -= sizeBytes * (2 ** ((crf - next) / slope) - 1);
  }
  return tasks;
}

/** Rounds in coarse steps, so that one more message seldom changes the quality of all others. */
function clampCrf(crf: number, best: number, worst: number): number {
  return Math.min(worst, Math.max(best, Math.ceil(crf / crfStep) * crfStep));
}

function sumOf(made: MadeSegments): number {
  return [...made.values()].reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}
