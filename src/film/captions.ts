export interface CaptionCue {
  readonly firstFrame: number;
  readonly frameCount: number;
  readonly text: string;
}

/** WebVTT (W3C): for players that do not read the captions inside the film. A caption without words is left out. */
export function formatWebVtt(captions: readonly CaptionCue[], fps: number): string {
  const cues = captions.flatMap(({ firstFrame, frameCount, text }) => {
    const shown = cueText(text);
    const times = `${timestamp(firstFrame, fps)} --> ${timestamp(firstFrame + frameCount, fps)}`;
    return shown === "" ? [] : [`${times}\n${shown}\n`];
  });
  return ["WEBVTT\n", ...cues].join("\n");
}

/** An empty line would end the cue, and `-->` would begin another: neither may come from people's words. */
function cueText(text: string): string {
  return text
    .replaceAll("\0", "\u{fffd}")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .split(/\r\n|\r|\n/u)
    .filter((line) => line.trim() !== "")
    .join("\n");
}

/** Hours, minutes, seconds and thousandths: `00:01:05.367`. */
function timestamp(frame: number, fps: number): string {
  const thousandths = Math.round((frame * 1000) / fps);
  const part = (unit: number, range: number, digits: number) =>
    String(Math.floor(thousandths / unit) % range).padStart(digits, "0");
  const hours = String(Math.floor(thousandths / 3_600_000)).padStart(2, "0");
  return `${hours}:${part(60_000, 60, 2)}:${part(1000, 60, 2)}.${part(1, 1000, 3)}`;
}
