/** Formats a frame for people who look for it in a player: "frame 1234 (0:41)". */
export function filmPlace(frame: number, fps: number): string {
  const seconds = Math.floor(frame / fps);
  const rest = String(seconds % 60).padStart(2, "0");
  return `frame ${frame} (${Math.floor(seconds / 60)}:${rest})`;
}
