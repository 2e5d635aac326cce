import type { AssetField, AssetProblem, PreparedAssets, SoundAsset } from "../media/asset.js";
import { cacheKey } from "../cache/cache-key.js";
import type { DiskCache } from "../cache/disk-cache.js";
import type { Message } from "../capsule/content.js";
import { toKeepsakeError } from "../errors.js";
import type { ReportProgress } from "../progress.js";
import { mapConcurrent } from "../async/map-concurrent.js";
import { parseTranscript } from "./parse-transcript.js";
import type { Recogniser } from "./recogniser.js";
import type { SpokenPart } from "./transcript.js";

export interface TranscribeMessagesRequest {
  readonly messages: readonly Message[];
  readonly assets: PreparedAssets;
  /** Null hears nothing. */
  readonly recogniser: Recogniser | null;
  readonly cache: DiskCache;
  readonly cores: number;
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly onProgress: ReportProgress;
}

/** By the sha256 of the file. */
export type RecognisedSpeech = ReadonlyMap<string, readonly SpokenPart[]>;

export interface TranscribedMessages {
  readonly recognised: RecognisedSpeech;
  /** Recordings of which the captions are missing; all else of them is in the film. */
  readonly problems: readonly AssetProblem[];
}

interface Recording {
  readonly messageId: string;
  readonly field: AssetField;
  readonly sound: SoundAsset;
}

/** One recording keeps two cores busy. */
const coresEach = 2;

/**
 * Has every recording recognised of which nobody wrote down what is said, each file once. A recording that cannot be
 * recognised costs its captions alone.
 *
 * @throws KeepsakeError `disk-full`; the signal's reason
 */
export async function transcribeMessages(request: TranscribeMessagesRequest): Promise<TranscribedMessages> {
  const { messages, assets, recogniser, cores, signal, onProgress } = request;
  const recordings = recogniser === null ? [] : unwritten(messages, assets);
  if (recogniser === null || recordings.length === 0) return { recognised: new Map(), problems: [] };
  const total = recordings.length;
  let done = 0;
  const report = () => onProgress({ stage: "listening", done, total, unit: "files" });
  report();
  const heard = await mapConcurrent(
    recordings,
    Math.max(1, Math.floor(cores / coresEach)),
    signal,
    async (recording, either) => {
      const result = await hear(recording, recogniser, request, either);
      done += 1;
      report();
      return result;
    },
  );
  return {
    recognised: new Map(
      heard.flatMap((result) => ("parts" in result ? [[result.sha256, result.parts]] : [])),
    ),
    problems: heard.flatMap((result) => ("problem" in result ? result.problem : [])),
  };
}

type Heard =
  | { readonly sha256: string; readonly parts: readonly SpokenPart[] }
  | { readonly problem: AssetProblem };

async function hear(
  { messageId, field, sound }: Recording,
  { identity, recognise }: Recogniser,
  { cache, folder }: TranscribeMessagesRequest,
  signal: AbortSignal,
): Promise<Heard> {
  const { sha256 } = sound;
  const key = cacheKey("speech", { sha256, ...identity });
  const kept = await cache.get<readonly SpokenPart[]>(key);
  if (kept !== null) return { sha256, parts: kept.value };
  try {
    const parts = await recognise(sound, { folder, signal });
    await cache.store(key, { value: parts, files: {} });
    return { sha256, parts };
  } catch (error) {
    signal.throwIfAborted();
    const { code, message } = toKeepsakeError(error);
    if (code === "disk-full") throw error;
    const reason = `What is said in it could not be recognised, so it has no captions: ${message}`;
    return { problem: { messageId, field, code: "speech-not-recognised", reason } };
  }
}

/**
 * Recordings that sound at all and have no transcript. A message's one transcript is that of its voice if it has one,
 * else that of its clip; further recordings of it have none.
 */
function unwritten(messages: readonly Message[], assets: PreparedAssets): Recording[] {
  const recordings = messages.flatMap((message) => {
    const { voice = null, clip = null, others = [] } = assets.get(message.id) ?? {};
    const isWritten = message.transcript !== null && parseTranscript(message.transcript) !== null;
    const ofClip = recordingsOf(message.id, "content_video_url", clip?.sound ?? null);
    const ofOthers = others.flatMap((other) => {
      if (other.kind === "sound") return recordingsOf(message.id, "content_audio_url", other);
      return other.kind === "clip" ? recordingsOf(message.id, "content_video_url", other.sound) : [];
    });
    if (voice === null) return [...(isWritten ? [] : ofClip), ...ofOthers];
    const ofVoice = isWritten ? [] : recordingsOf(message.id, "content_audio_url", voice);
    return [...ofVoice, ...ofClip, ...ofOthers];
  });
  const bySha = new Map(recordings.toReversed().map((recording) => [recording.sound.sha256, recording]));
  return recordings.filter((recording) => bySha.get(recording.sound.sha256) === recording);
}

function recordingsOf(messageId: string, field: AssetField, sound: SoundAsset | null): Recording[] {
  return sound === null || sound.integratedLufs === null || sound.speech?.length === 0
    ? []
    : [{ messageId, field, sound }];
}
