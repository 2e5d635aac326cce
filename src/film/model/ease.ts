/** Goes from 0 to 1 along a raised cosine: slow at both ends, constant outside. */
export function ease(progress: number): number {
  return (1 - Math.cos(Math.PI * Math.min(1, Math.max(0, progress)))) / 2;
}
