import { cleanName } from "../capsule/clean-value.js";
import { maxNameCharacters } from "../capsule/limits.js";
import type { SpokenPart, Transcript } from "./transcript.js";
import { sampleRate } from "../media/sound/sound-format.js";

const time = String.raw`(?:(\d{1,3}):)?(\d{1,2}):(\d{2})[.,](\d{1,3})`;
/** Timing line of both formats: `00:01.500 --> 00:00:03.000 position:10%`, with a comma in SubRip. */
const timing = new RegExp(`^\\s*${time}\\s*-->\\s*${time}(?:\\s.*)?$`, "u");
/** The tag ends at the next angle bracket, so that a long text of open tags is still read in linear time. */
const voiceTag = /<v(?:\.[^\s<>]*)?[ \t]([^<>]*)>/u;
/** Tags of WebVTT and SubRip, and the override blocks that some tools leave in SubRip. */
const tags = /<\/?(?:c|i|b|u|v|ruby|rt|lang|font)(?:[.\s][^<>]*)?>|<\d[\d:.]*>|\{\\[^{}]*\}/giu;
const references: ReadonlyMap<string, string> = new Map([
  ["amp", "&"],
  ["lt", "<"],
  ["gt", ">"],
  ["nbsp", "\u{A0}"],
  ["lrm", "\u{200E}"],
  ["rlm", "\u{200F}"],
  ["quot", '"'],
  ["apos", "'"],
]);

/**
 * Parses a message's `transcript` column: WebVTT (W3C), SubRip, a JSON list of `{start, end, text}` in seconds as written
 * by recognisers (or an object with such a list as `segments`), or plain text in all other cases. Parts without words
 * are left out; parts are sorted by time.
 *
 * @returns null when it contains no words
 */
export function parseTranscript(column: string): Transcript | null {
  const text = column
    .replace(/^\u{FEFF}/u, "")
    .replaceAll(/\r\n?/gu, "\n")
    .trim();
  const parts = parseJson(text) ?? parseTimedText(text);
  if (parts === null) return text === "" ? null : { kind: "plain", text };
  return parts.length === 0 ? null : { kind: "timed", parts: parts.toSorted(byTime) };
}

function byTime(a: SpokenPart, b: SpokenPart): number {
  return a.firstSample - b.firstSample || a.endSample - b.endSample;
}

/**
 * Parses cues of WebVTT or SubRip, and accepts common omissions of tools.
 *
 * @returns null when the text has no timing line
 */
export function parseTimedText(text: string): SpokenPart[] | null {
  const lines = text.split("\n");
  const starts = lines.flatMap((line, index) => (timing.test(line) ? [index] : []));
  if (starts.length === 0) return /^WEBVTT(?:\s[^\n]*)?$/u.test(text) ? [] : null;
  return starts.flatMap((start, index) => {
    const found = timing.exec(lines[start] as string) as RegExpExecArray;
    const end = starts[index + 1] ?? lines.length;
    const body = lines.slice(start + 1, end);
    // After an empty line comes the next cue's number or name, or a note.
    const blank = body.findIndex((line) => line.trim() === "");
    const cueText = (blank === -1 ? withoutNumber(body, end < lines.length) : body.slice(0, blank)).join(
      "\n",
    );
    const shown = plainText(cueText);
    const firstSample = samplesOf(found.slice(1, 5));
    const endSample = samplesOf(found.slice(5, 9));
    if (shown === "") return [];
    return [
      { text: shown, speaker: speakerOf(cueText), firstSample, endSample: Math.max(firstSample, endSample) },
    ];
  });
}

/** Removes the last line when it is the number of the next cue, which follows without an empty line. */
function withoutNumber(body: readonly string[], isFollowed: boolean): readonly string[] {
  return isFollowed && /^\s*\d+\s*$/u.test(body.at(-1) ?? "") ? body.slice(0, -1) : body;
}

function samplesOf(parts: readonly (string | undefined)[]): number {
  const [hours = "0", minutes, seconds, fraction = ""] = parts;
  const whole = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  return whole * sampleRate + Number(fraction.padEnd(3, "0")) * (sampleRate / 1000);
}

function speakerOf(cueText: string): string | null {
  const name = voiceTag.exec(cueText)?.[1];
  return name === undefined ? null : speakerNamed(decode(name));
}

/** Null for a name that is too long: it would be repeated with each caption of its part. */
function speakerNamed(name: string): string | null {
  return name.length > maxNameCharacters ? null : cleanName(name);
}

function plainText(cueText: string): string {
  return decode(cueText.replaceAll(tags, "")).trim();
}

function decode(text: string): string {
  return text.replaceAll(/&(\w+);/gu, (whole, name: string) => references.get(name.toLowerCase()) ?? whole);
}

function parseJson(text: string): SpokenPart[] | null {
  if (!/^[[{]/u.test(text)) return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const list = Array.isArray(value) ? value : (value as { segments?: unknown }).segments;
  if (!Array.isArray(list)) return null;
  const parts = list.map(toPart);
  return parts.every((part) => part !== null) ? parts.filter(({ text: words }) => words !== "") : null;
}

function toPart(value: unknown): SpokenPart | null {
  const { start, end, text, speaker } = (value ?? {}) as Record<string, unknown>;
  if (!isTime(start) || !isTime(end) || typeof text !== "string") return null;
  const firstSample = Math.round(start * sampleRate);
  return {
    text: text.trim(),
    speaker: typeof speaker === "string" ? speakerNamed(speaker) : null,
    firstSample,
    endSample: Math.max(firstSample, Math.round(end * sampleRate)),
  };
}

function isTime(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0 && value < 1e6;
}
