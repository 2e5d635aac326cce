import type { SoundSpan } from "../media/asset.js";
import type { SpokenPart } from "./transcript.js";

/** Matches text that models write for noise: sounds in brackets, music notes, punctuation only. */
const noWords = /^(?:[\s♪♫*_.…-]|\[[^\]]*\]|\([^)]*\)|【[^】]*】|（[^）]*）)*$/u;
/**
 * Matches phrases that whisper models learnt from subtitles of web videos and output for noise and silence. No one says
 * them in a memorial message, so a part that consists of such a phrase is left out.
 */
const memorised =
  /^(?:(?:thanks|thank you)(?: so much| very much)? for (?:watching|viewing)|(?:please |don't forget to )?(?:like and )?subscribe(?: to .*)?|subtitles? by .*|.*amara\.org.*|transcri(?:bed|ption) by .*|untertitel(?:ung)? .*|sous-titr.*|sottotitoli .*|subtítulos .*|legendas .*|ご視聴ありがとうございました|字幕.*|请不吝点赞.*|продолжение следует|субтитры .*)[.!…。！\s]*$/iu;
/** People repeat a phrase up to three times; a model in a loop repeats it more often. */
const maxRepeats = 3;
const loop = /(?<![\p{L}\p{N}])([\p{L}\p{N}'’ ,-]{8,}?[.,!?;。]?\s*)\1{4,}/giu;

/**
 * Removes text that a model made up: parts without speech, sounds in brackets, memorised phrases, loops.
 *
 * @param speech ranges in which someone may be speaking
 */
export function tidyRecognised(parts: readonly SpokenPart[], speech: readonly SoundSpan[]): SpokenPart[] {
  const spoken = parts
    .map((part) => ({ ...part, text: part.text.replaceAll(loop, "$1").replaceAll(/\s+/gu, " ").trim() }))
    .filter(({ text }) => !noWords.test(text) && !memorised.test(text))
    .filter((part) => speech.some((span) => overlap(part, span)));
  return spoken.filter((part, index) => {
    const before = spoken.slice(Math.max(0, index - maxRepeats), index);
    return before.length < maxRepeats || before.some(({ text }) => bare(text) !== bare(part.text));
  });
}

function overlap(a: SoundSpan, b: SoundSpan): boolean {
  return a.firstSample < b.endSample && b.firstSample < a.endSample;
}

function bare(text: string): string {
  return text.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, "");
}
