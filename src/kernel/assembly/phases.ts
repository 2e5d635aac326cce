// Lanczos3 between two samples, for 256 places between them.

export const taps: i32 = 6;
const phaseCount: i32 = 256;
const one: i32 = 16384;

/** Each phase has eight 16-bit coefficients: six taps and two zeros. */
const phases: usize = memory.data(256 * 16, 16);
const exact: usize = memory.data(6 * 8, 8);
buildPhases();

function sinc(x: f64): f64 {
  return x == 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** The coefficients of a phase sum to exactly 1, so flat areas stay flat. */
function buildPhases(): void {
  for (let phase = 0; phase < phaseCount; phase++) {
    const shift = <f64>phase / phaseCount;
    let sum = 0.0;
    for (let tap = 0; tap < taps; tap++) {
      const x = <f64>(tap - 2) - shift;
      const weight = Math.abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0.0;
      store<f64>(exact + (tap << 3), weight);
      sum += weight;
    }
    let rest = one;
    const row = phases + (phase << 4);
    for (let tap = 0; tap < taps; tap++) {
      const coefficient = <i32>Math.round((load<f64>(exact + (tap << 3)) / sum) * one);
      rest -= coefficient;
      store<i16>(row + (tap << 1), <i16>coefficient);
    }
    const nearest = row + ((shift > 0.5 ? 3 : 2) << 1);
    store<i16>(nearest, <i16>(<i32>load<i16>(nearest) + rest));
  }
}

/** A place between samples consists of the index of the sample before it and a phase. */
@inline export function wholeOf(place: f64): i32 {
  return <i32>Math.floor(place + 0.5 / phaseCount);
}

@inline export function phaseOf(place: f64): usize {
  const rounded = place + 0.5 / phaseCount;
  return phases + (<usize>((rounded - Math.floor(rounded)) * phaseCount) << 4);
}
