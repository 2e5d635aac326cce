import type { Caption } from "./place-cues.js";

/**
 * Formats WebVTT (W3C Candidate Recommendation), for players that do not read the captions inside the film. The
 * speaker is named by a voice tag, which players do not show but can style, find and read out. Cues are numbered, and
 * players choose their position.
 */
export function formatWebVtt(captions: readonly Caption[], fps: number): string {
  const cues = captions
    .map(({ text, ...caption }) => ({ ...caption, text: cueText(text) }))
    .filter(({ text }) => text !== "")
    .map(({ firstFrame, frameCount, text, speaker }, index) => {
      const times = `${timestamp(firstFrame, fps)} --> ${timestamp(firstFrame + frameCount, fps)}`;
      return `${index + 1}\n${times}\n${voiceTag(speaker)}${text}\n`;
    });
  return ["WEBVTT\n", ...cues].join("\n");
}

/** An empty line would end the cue and `-->` would begin another one, so neither may come from user content. */
function cueText(text: string): string {
  return escape(text)
    .split(/\r\n|\r|\n/u)
    .filter((line) => line.trim() !== "")
    .join("\n");
}

/**
 * The voice tag has no end tag, which may be left out at the end of a cue. It ends with a space where a name could
 * turn it into an arrow.
 */
function voiceTag(speaker: string | null): string {
  const name = escape(speaker ?? "")
    .replaceAll(/\s+/gu, " ")
    .trim();
  if (name === "") return "";
  return name.endsWith("--") ? `<v ${name} >` : `<v ${name}>`;
}

function escape(text: string): string {
  return text
    .replaceAll("\0", "\u{fffd}")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
}

/** Formats hours, minutes, seconds and thousandths: `00:01:05.367`. */
function timestamp(frame: number, fps: number): string {
  const thousandths = Math.round((frame * 1000) / fps);
  const part = (unit: number, range: number, digits: number) =>
    String(Math.floor(thousandths / unit) % range).padStart(digits, "0");
  const hours = String(Math.floor(thousandths / 3_600_000)).padStart(2, "0");
  return `${hours}:${part(60_000, 60, 2)}:${part(1000, 60, 2)}.${part(1, 1000, 3)}`;
}
