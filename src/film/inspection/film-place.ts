/** "frame 1234 (0:41)": for people who thumbnail for it in a player. */
export function filmPlace(frame: number, fps: number): string {
  const seconds = Math.floor(frame / fps);
  const rest = String(seconds % 60).padStart(2, "0");
  return `frame ${frame} (${Math.floor(seconds / 60)}:${rest})`;
}
