/**
 * Captions contain every known word of a film: written words for as long as they are on screen, spoken ones when they
 * are spoken. A caption has at most two lines, none overlaps another, and none leaves its scene, which begins and
 * ends in the middle of a dissolve.
 */
import type { SoundAsset } from "../../media/asset.js";
import type { Message } from "../../capsule/content.js";
import { parseTranscript } from "../../speech/parse-transcript.js";
import type { RecognisedSpeech } from "../../speech/transcribe-messages.js";
import type { Transcript } from "../../speech/transcript.js";
import type { Scene, SceneContent } from "../model/scene.js";
import { placeCues, spreadCues, type Caption, type TimedCue } from "./place-cues.js";
import { splitCues } from "./split-cues.js";
import { timeSpeech } from "./time-speech.js";

export interface FilmCaptionsInput {
  readonly scenes: readonly Scene[];
  readonly dissolveFrames: number;
  readonly fps: number;
  readonly messages: readonly Message[];
  readonly recognised: RecognisedSpeech;
}

export function filmCaptions({ scenes, messages, recognised, ...time }: FilmCaptionsInput): Caption[] {
  const byId = new Map(messages.map((message) => [message.id, message]));
  const transcribed = transcribedScenes(scenes);
  return scenes.flatMap((scene) => {
    const message = byId.get(scene.messageId ?? "");
    if (message === undefined) return [];
    const sound = soundOf(scene.content);
    const column = transcribed.has(scene) ? message.transcript : null;
    const transcript = sound === null ? null : findTranscript(column, sound.asset, recognised);
    const spoken =
      transcript === null || sound === null
        ? []
        : timeSpeech(transcript, {
            firstFrame: scene.firstFrame + sound.firstFrame,
            sampleCount: sound.asset.sampleCount,
            speech: sound.asset.speech ?? [],
            fps: time.fps,
          });
    const named = spoken.map((cue) => ({ ...cue, speaker: cue.speaker ?? message.contributorName }));
    return sceneCaptions(scene, named, time);
  });
}

/** A message has one transcript: that of its first voice, or without a voice that of its first clip with sound. */
function transcribedScenes(scenes: readonly Scene[]): ReadonlySet<Scene> {
  const byMessage = new Map<string | null, Scene>();
  for (const kind of ["voice", "clip"] as const) {
    for (const scene of scenes) {
      const isSpoken = scene.content.kind === kind && soundOf(scene.content) !== null;
      if (isSpoken && !byMessage.has(scene.messageId)) byMessage.set(scene.messageId, scene);
    }
  }
  return new Set(byMessage.values());
}

function sceneCaptions(
  { content, firstFrame, frameCount }: Scene,
  spoken: readonly TimedCue[],
  { dissolveFrames, fps }: Pick<FilmCaptionsInput, "dissolveFrames" | "fps">,
): Caption[] {
  const begin = firstFrame + Math.floor(dissolveFrames / 2);
  const bounds = { firstFrame: begin, endFrame: begin + frameCount - dissolveFrames };
  const written = splitCues(("words" in content ? content.words?.text : null) ?? "");
  if (written.length === 0) return placeCues(spoken, bounds, fps);
  // Words beside a voice are on screen all the time; their captions come before what is spoken.
  const firstSpoken = spoken[0]?.firstFrame ?? bounds.endFrame;
  const boundary = Math.max(bounds.firstFrame + 1, Math.min(firstSpoken, bounds.endFrame));
  const before = { firstFrame: bounds.firstFrame, endFrame: boundary };
  const after = { firstFrame: boundary, endFrame: bounds.endFrame };
  return [...placeCues(spreadCues(written, before), before, fps), ...placeCues(spoken, after, fps)];
}

/** Returns the speech of a scene, and the frame of the scene on which it begins. */
function soundOf(content: SceneContent): { readonly asset: SoundAsset; readonly firstFrame: number } | null {
  if (content.kind === "voice") return { asset: content.sound, firstFrame: content.soundFirstFrame };
  if (content.kind !== "clip" || content.clip.sound === null) return null;
  return { asset: content.clip.sound, firstFrame: content.clipFirstFrame };
}

/** A transcript that a person wrote takes precedence over a recognised one. */
function findTranscript(
  column: string | null,
  sound: SoundAsset,
  recognised: RecognisedSpeech,
): Transcript | null {
  const written = column === null ? null : parseTranscript(column);
  if (written !== null) return written;
  const parts = recognised.get(sound.sha256) ?? [];
  return parts.length === 0 ? null : { kind: "timed", parts };
}
