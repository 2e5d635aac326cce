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

export interface SegmentTask {
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
  /** Where the sample is begun with: near what will be found, or `bestCrf`. */
  readonly guessCrf: number;
  /** Encodes these segments, side by side; each replaces what was made of the same index. */
  readonly encode: (tasks: readonly SegmentTask[]) => Promise<readonly { readonly sizeBytes: number }[]>;
}

export interface Fitted {
  /** Of each segment, in film order. */
  readonly crfs: readonly number[];
  readonly sizeBytes: number;
  /** Frames encoded, those that were made again included. */
  readonly encodedFrames: number;
}

/** A film that is under its limit by less is let be. */
const fullShare = 0.98;
const sampleShare = 1 / 6;
const batchSegments = 8;
const crfStep = 0.5;
/** x264's sizes halve about every 3.7 steps of CRF (measured on our films). */
const crfPerHalving = 3.7;
/** A sample this near to the quality that was found for the film stays as it is. */
const sampleToleranceCrf = 1.5;
/** So much worse at most is a segment that is made again because the sum is over. */
const trimCrf = 2;
const mostTrims = 6;
const worstPossibleCrf = 51;

/**
 * @returns null when the film would have to be worse than `worstCrf`; only the sample was encoded then
 */
export async function fitSegments(options: FitOptions): Promise<Fitted | null> {
  const { spans, pictureBytes, bestCrf, worstCrf } = options;
  const made = new Map<number, Made>();
  let encodedFrames = 0;
  const encode = async (tasks: readonly SegmentTask[]): Promise<void> => {
    const results = await options.encode(tasks);
    for (const [place, { index, crf }] of tasks.entries()) {
      made.set(index, { crf, sizeBytes: results[place]?.sizeBytes ?? 0 });
      encodedFrames += (spans[index] as FitSpan).frameCount;
    }
  };

  const sample = pickSample(spans);
  const guessCrf = clampCrf(options.guessCrf, bestCrf, worstCrf);
  await encode(sample.map((index) => ({ index, crf: guessCrf })));
  const settled = new Set<number>();
  const found = crfToFit(spans, made, settled, pictureBytes);
  if (found > worstCrf + crfStep) return null;
  let crf = clampCrf(found, bestCrf, worstCrf);
  if (Math.abs(crf - guessCrf) <= sampleToleranceCrf) for (const index of sample) settled.add(index);

  const isRoomy = found < bestCrf - 2 * crfPerHalving;
  const waiting = [...spans.keys()].filter((index) => !settled.has(index));
  while (waiting.length > 0) {
    const batch = waiting.splice(0, isRoomy ? waiting.length : batchSegments);
    await encode(batch.map((index) => ({ index, crf })));
    for (const index of batch) settled.add(index);
    crf = clampCrf(crfToFit(spans, made, settled, pictureBytes), bestCrf, worstPossibleCrf);
  }

  for (let trim = 0; trim < mostTrims; trim += 1) {
    const again = planTrim(made, pictureBytes, bestCrf);
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

interface Made {
  readonly crf: number;
  readonly sizeBytes: number;
}

/** Segments evenly spread over the film, of at least a sixth of its frames, and of both kinds. */
function pickSample(spans: readonly FitSpan[]): number[] {
  const pick = (isStill: boolean): number[] => {
    const of = [...spans.keys()].filter((index) => (spans[index] as FitSpan).isStill === isStill);
    const count = Math.min(of.length, Math.max(2, Math.ceil(of.length * sampleShare)));
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
  settled: ReadonlySet<number>,
  pictureBytes: number,
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
function planTrim(made: MadeSegments, pictureBytes: number, bestCrf: number): SegmentTask[] {
  const total = sumOf(made);
  const isOver = total > pictureBytes;
  const couldBeBetter =
    total < pictureBytes * fullShare && [...made.values()].some(({ crf }) => crf > bestCrf);
  if (!isOver && !couldBeBetter) return [];
  // Aimed into the middle of what is allowed.
  let change = pictureBytes * ((1 + fullShare) / 2) - total;
  const largestFirst = [...made].sort(([i, a], [j, b]) => b.sizeBytes - a.sizeBytes || i - j);
  const tasks: SegmentTask[] = [];
  for (const [index, { crf, sizeBytes }] of largestFirst) {
    if (isOver ? change >= 0 : change <= 0) break;
    const wanted = crf - crfPerHalving * Math.log2(Math.max(0.05, 1 + change / sizeBytes));
    const best = Math.max(bestCrf, crf - trimCrf);
    const next = Math.min(worstPossibleCrf, crf + trimCrf, Math.max(best, wanted));
    if (Math.abs(next - crf) < 0.05) continue;
    tasks.push({ index, crf: Math.round(next * 20) / 20 });
    change -= sizeBytes * (2 ** ((crf - next) / crfPerHalving) - 1);
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
