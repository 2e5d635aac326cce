/** Slow at both ends, 0 to 1. */
export function ease(progress: number): number {
  return (1 - Math.cos(Math.PI * Math.min(1, Math.max(0, progress)))) / 2;
}
