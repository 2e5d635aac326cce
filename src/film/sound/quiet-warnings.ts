import type { AssetProblem } from "../../media/asset.js";
import type { Scene } from "../model/scene.js";
import type { SoundCue } from "../plan/storyboard.js";
import type { SoundLevel } from "./level-sound.js";

/** Beside voices at -16 LUFS, a softer sound is only heard by turning up the volume. */
const softestHeardLufs = -40;
/** A sound below this is inaudible. */
const inaudibleLufs = -70;

/**
 * Returns a warning for each recording that stays so soft in the film that it will be missed: no voice was found in
 * it, or it is silent from beginning to end. Clips are often silent; a voice recording is never meant to be.
 *
 * @param levels in the order of the cues
 */
export function quietWarnings(
  { soundCues, scenes }: { readonly soundCues: readonly SoundCue[]; readonly scenes: readonly Scene[] },
  levels: readonly SoundLevel[],
): AssetProblem[] {
  const voices = new Set(scenes.map(({ content }) => (content.kind === "voice" ? content.sound.path : null)));
  return soundCues.flatMap(({ messageId, sound }, index) => {
    const lufs = levels[index]?.filmLufs ?? -Infinity;
    const isVoice = voices.has(sound.path);
    if (lufs >= softestHeardLufs || (!isVoice && lufs < inaudibleLufs)) return [];
    const what = isVoice ? "The recording" : "The video's sound";
    const reason =
      lufs < inaudibleLufs
        ? "Nothing can be heard in the recording."
        : `${what} stays at ${lufs.toFixed(0)} LUFS, which is hardly audible beside voices at -16: it is noise in which no voice was found.`;
    return [
      {
        messageId,
        field: isVoice ? "content_audio_url" : "content_video_url",
        code: "sound-left-quiet",
        reason,
      },
    ];
  });
}
