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
  /** Null when no speech is recognised. */
  readonly recogniser: Recogniser | null;
  readonly cache: DiskCache;
  readonly cores: number;
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly onProgress: ReportProgress;
}

/** Recognised parts by the sha256 of the file. */
export type RecognisedSpeech = ReadonlyMap<string, readonly SpokenPart[]>;

export interface TranscribedMessages {
  readonly recognised: RecognisedSpeech;
  /** Recordings without captions. They are in the film anyway. */
  readonly problems: readonly AssetProblem[];
}

interface Recording {
  readonly messageId: string;
  readonly field: AssetField;
  readonly sound: SoundAsset;
}

/** Cores that the recognition of one recording uses. */
const coresEach = 2;

/**
 * Recognises the speech of every recording without a transcript, each file once. A recording that cannot be recognised
 * only loses its captions.
 *
 * @throws KeepsakeError `disk-full`; the signal's reason
 */
export async function transcribeMessages(request: TranscribeMessagesRequest): Promise<TranscribedMessages> {
  const { messages, assets, recogniser, cores, signal, onProgress } = request;
  const recordings = recogniser === null ? [] : withoutTranscript(messages, assets);
  if (recogniser === null || recordings.length === 0) return { recognised: new Map(), problems: [] };
  const total = recordings.length;
  let done = 0;
  const report = () => onProgress({ stage: "listening", done, total, unit: "files" });
  report();
  const results = await mapConcurrent(
    recordings,
    Math.max(1, Math.floor(cores / coresEach)),
    signal,
    async (recording, taskSignal) => {
      const result = await transcribe(recording, recogniser, request, taskSignal);
      done += 1;
      report();
      return result;
    },
  );
  return {
    recognised: new Map(
      results.flatMap((result) => ("parts" in result ? [[result.sha256, result.parts]] : [])),
    ),
    problems: results.flatMap((result) => ("problem" in result ? result.problem : [])),
  };
}

type Result =
  | { readonly sha256: string; readonly parts: readonly SpokenPart[] }
  | { readonly problem: AssetProblem };

async function transcribe(
  { messageId, field, sound }: Recording,
  { identity, recognise }: Recogniser,
  { cache, folder }: TranscribeMessagesRequest,
  signal: AbortSignal,
): Promise<Result> {
  const { sha256 } = sound;
  const key = cacheKey("speech", { sha256, ...identity });
  const cached = await cache.get<readonly SpokenPart[]>(key);
  if (cached !== null) return { sha256, parts: cached.value };
  try {
    const parts = await recognise(sound, { folder, signal });
    await cache.store(key, { value: parts, files: {} });
    return { sha256, parts };
  } catch (error) {
    signal.throwIfAborted();
    const { code, message } = toKeepsakeError(error);
    if (code === "disk-full") throw error;
    const reason = `Its speech could not be recognised, so it has no captions: ${message}`;
    return { problem: { messageId, field, code: "speech-not-recognised", reason } };
  }
}

/**
 * Recordings that are not silent and have no transcript. The transcript of a message belongs to its voice if it has one,
 * else to its clip; additional recordings have none.
 */
function withoutTranscript(messages: readonly Message[], assets: PreparedAssets): Recording[] {
  const recordings = messages.flatMap((message) => {
    const { voice = null, clip = null, others = [] } = assets.get(message.id) ?? {};
    const hasTranscript = message.transcript !== null && parseTranscript(message.transcript) !== null;
    const ofClip = recordingsOf(message.id, "content_video_url", clip?.sound ?? null);
    const ofOthers = others.flatMap((other) => {
      if (other.kind === "sound") return recordingsOf(message.id, "content_audio_url", other);
      return other.kind === "clip" ? recordingsOf(message.id, "content_video_url", other.sound) : [];
    });
    if (voice === null) return [...(hasTranscript ? [] : ofClip), ...ofOthers];
    const ofVoice = hasTranscript ? [] : recordingsOf(message.id, "content_audio_url", voice);
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
