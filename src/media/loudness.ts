/**
 * How loud stereo sound at 48 kHz is: integrated loudness after ITU-R BS.1770-5 and EBU R128 (K-weighting, blocks
 * of 400 ms every 100 ms, gates at -70 LUFS and 10 LU under the mean) and true peak. Takes sound in pieces of any
 * size; memory grows by 80 bytes a second of sound.
 */
import { largestOvershoot, intersamplePeak, samplePeak, samplesAfter, samplesBefore } from "./true-peak.js";

/** LUFS is null when no block is louder than -70 LUFS, dBTP when every sample is zero. */
export interface LoudnessMeasurement {
  readonly integratedLufs: number | null;
  readonly truePeakDbtp: number | null;
}

export interface LoudnessMeter {
  /** @param interleaved whole sample frames: left, right, left, right */
  push(interleaved: Float32Array): void;
  measure(): LoudnessMeasurement;
  /**
   * How many LU lie between the softest tenth and the loudest twentieth of the tenths of a second: small for steady
   * noise, large for speech with its syllables. Infinite where there are silent pauses.
   */
  spreadLu(): number;
}

const samplesPerStep = 4800;
const stepsPerBlock = 4;
const absoluteGateLufs = -70;
const relativeGateLu = -10;

/** @param sound pieces of interleaved stereo float32 at 48 kHz, each of whole sample frames */
export async function measureLoudness(
  sound: AsyncIterable<Float32Array> | Iterable<Float32Array>,
): Promise<LoudnessMeasurement> {
  const meter = createLoudnessMeter();
  for await (const piece of sound) meter.push(piece);
  return meter.measure();
}

export function createLoudnessMeter(): LoudnessMeter {
  const channels = [createChannel(), createChannel()] as const;
  const stepEnergies: number[] = [];
  let samplesInStep = 0;

  return {
    push(interleaved) {
      const sampleCount = interleaved.length / 2;
      for (let start = 0; start < sampleCount;) {
        const count = Math.min(samplesPerStep - samplesInStep, sampleCount - start);
        channels[0].push(interleaved, 2 * start, count);
        channels[1].push(interleaved, 2 * start + 1, count);
        start += count;
        samplesInStep += count;
        if (samplesInStep === samplesPerStep) {
          stepEnergies.push(channels[0].takeEnergy() + channels[1].takeEnergy());
          samplesInStep = 0;
        }
      }
    },
    measure() {
      const peak = Math.max(channels[0].peak(), channels[1].peak());
      return {
        integratedLufs: integrate(stepEnergies),
        truePeakDbtp: peak === 0 ? null : 20 * Math.log10(peak),
      };
    },
    spreadLu() {
      const energies = stepEnergies.toSorted((a, b) => a - b);
      const soft = energies[Math.floor(0.1 * energies.length)] ?? 0;
      const loud = energies[Math.floor(0.95 * energies.length)] ?? 0;
      return loud === 0 ? 0 : toLufs(loud) - toLufs(soft);
    },
  };
}

/** Weighted power of each block of 400 ms. */
function blockPowers(stepEnergies: readonly number[]): number[] {
  const powers: number[] = [];
  for (let last = stepsPerBlock - 1; last < stepEnergies.length; last++) {
    let energy = 0;
    for (let step = 0; step < stepsPerBlock; step++) energy += stepEnergies[last - step] as number;
    powers.push(energy / (stepsPerBlock * samplesPerStep));
  }
  return powers;
}

function integrate(stepEnergies: readonly number[]): number | null {
  const audible = blockPowers(stepEnergies).filter((power) => toLufs(power) > absoluteGateLufs);
  if (audible.length === 0) return null;
  const relativeGate = toLufs(mean(audible)) + relativeGateLu;
  return toLufs(mean(audible.filter((power) => toLufs(power) > relativeGate)));
}

function toLufs(power: number): number {
  return -0.691 + 10 * Math.log10(power);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** One channel: K-weighted energy and true peak. */
function createChannel() {
  const history = samplesBefore + samplesAfter;
  // The last samples of the piece before, then the piece: peaks are looked for with that much delay.
  const line = new Float32Array(history + samplesPerStep);
  // States of the two filters of BS.1770-5 annex 1 (transposed direct form II): shelf, then high pass.
  let shelf1 = 0;
  let shelf2 = 0;
  let pass1 = 0;
  let pass2 = 0;
  let energy = 0;
  let peak = 0;
  let lastMagnitudes = 0;

  return {
    push(interleaved: Float32Array, offset: number, count: number): void {
      for (let index = 0; index < count; index++)
        line[history + index] = interleaved[offset + 2 * index] ?? 0;
      const magnitude = samplePeak(line, history, history + count);
      // Nothing in, and so little left in the filters that it cannot be heard: spares denormal arithmetic.
      if (magnitude === 0 && Math.abs(shelf1) + Math.abs(shelf2) + Math.abs(pass1) + Math.abs(pass2) < 1e-9) {
        shelf1 = shelf2 = pass1 = pass2 = 0;
      } else weigh(count);
      if (Math.max(magnitude, lastMagnitudes) * largestOvershoot > peak) searchPeak(samplesBefore + count);
      line.copyWithin(0, count, history + count);
      lastMagnitudes = samplePeak(line, 0, history);
    },
    takeEnergy(): number {
      const taken = energy;
      energy = 0;
      return taken;
    },
    peak(): number {
      line.fill(0, history);
      searchPeak(history);
      return peak;
    },
  };

  function weigh(count: number): void {
    for (let index = history; index < history + count; index++) {
      const x = line[index] as number;
      const y = 1.53512485958697 * x + shelf1;
      shelf1 = -2.69169618940638 * x + 1.69065929318241 * y + shelf2;
      shelf2 = 1.19839281085285 * x - 0.73248077421585 * y;
      const z = y + pass1;
      pass1 = -2 * y + 1.99004745483398 * z + pass2;
      pass2 = y - 0.99007225036621 * z;
      energy += z * z;
    }
  }

  function searchPeak(end: number): void {
    for (let index = samplesBefore; index < end; index++) {
      peak = Math.max(peak, intersamplePeak(line, index));
    }
  }
}
