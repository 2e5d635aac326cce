import type { SoundSpan } from "../media/asset.js";
import type { SpokenPart } from "./transcript.js";

/** What models write over noise: sounds in brackets, notes of music, marks alone. */
const noWords = /^(?:[\s♪♫*_.…-]|\[[^\]]*\]|\([^)]*\)|【[^】]*】|（[^）]*）)*$/u;
/**
 * What whisper models learnt from the subtitles of web videos and say over noise and silence. Nobody says them at a
 * graveside, so a part that is nothing else is left out.
 */
const learntByHeart =
  /^(?:(?:thanks|thank you)(?: so much| very much)? for (?:watching|viewing)|(?:please |don't forget to )?(?:like and )?subscribe(?: to .*)?|subtitles? by .*|.*amara\.org.*|transcri(?:bed|ption) by .*|untertitel(?:ung)? .*|sous-titr.*|sottotitoli .*|subtítulos .*|legendas .*|ご視聴ありがとうございました|字幕.*|请不吝点赞.*|продолжение следует|субтитры .*)[.!…。！\s]*$/iu;
/** People say a thing three times; a model that is caught in a loop goes on. */
const maxRepeats = 3;
const loop = /(?<![\p{L}\p{N}])([\p{L}\p{N}'’ ,-]{8,}?[.,!?;。]?\s*)\1{4,}/giu;

/**
 * Leaves out what a model made up: parts where nobody speaks, sounds in brackets, phrases known by heart, loops.
 *
 * @param speech where somebody may be speaking
 */
export function tidyRecognised(parts: readonly SpokenPart[], speech: readonly SoundSpan[]): SpokenPart[] {
  const heard = parts
    .map((part) => ({ ...part, text: part.text.replaceAll(loop, "$1").replaceAll(/\s+/gu, " ").trim() }))
    .filter(({ text }) => !noWords.test(text) && !learntByHeart.test(text))
    .filter((part) => speech.some((span) => overlap(part, span)));
  return heard.filter((part, index) => {
    const before = heard.slice(Math.max(0, index - maxRepeats), index);
    return before.length < maxRepeats || before.some(({ text }) => bare(text) !== bare(part.text));
  });
}

function overlap(a: SoundSpan, b: SoundSpan): boolean {
  return a.firstSample < b.endSample && b.firstSample < a.endSample;
}

function bare(text: string): string {
  return text.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, "");
}
