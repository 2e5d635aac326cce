import { KeepsakeError } from "../errors.js";
import type { LostPart } from "./clips/lost-part.js";
import { missingKind } from "./unusable-file.js";
import type {
  Asset,
  AssetField,
  AssetProblem,
  ClipAsset,
  MessageAssets,
  PhotoAsset,
  SoundAsset,
} from "../media/asset.js";

/** The result of one column of a message: an asset, or the reason why there is none. */
export interface ColumnResult {
  readonly field: AssetField;
  readonly outcome: Asset | KeepsakeError;
  /** The pictures or the sound of the file, when they are missing in the film. */
  readonly lost?: LostPart | undefined;
}

/** The kind of file that each column is meant for. */
const fieldKinds: Record<AssetField, Asset["kind"]> = {
  content_image_url: "photo",
  content_audio_url: "sound",
  content_video_url: "clip",
};

/**
 * Assigns the assets of a message by their kind: a photo in the video column is a photo. A message has one main asset of
 * each kind, preferably from the column for that kind; further ones follow in `others`. A file that is named twice counts
 * once. The clip of a Live Photo is left out when its photo is there.
 */
export function assignAssets(messageId: string, results: readonly ColumnResult[]): MessageAssets {
  let photo: PhotoAsset | null = null;
  let voice: SoundAsset | null = null;
  let clip: ClipAsset | null = null;
  const others: Asset[] = [];
  const problems: AssetProblem[] = [];
  const known = new Set<string>();
  const isInOwnColumn = ({ field, outcome }: ColumnResult): boolean =>
    !(outcome instanceof KeepsakeError) && outcome.kind === fieldKinds[field];
  const inOrder = [...results.filter(isInOwnColumn), ...results.filter((result) => !isInOwnColumn(result))];
  for (const { field, outcome, lost } of inOrder) {
    if (outcome instanceof KeepsakeError) {
      const { code, message: reason, setting } = outcome;
      const kind = missingKind(field, outcome);
      problems.push({
        messageId,
        field,
        code,
        reason,
        ...(setting !== null && { setting }),
        ...(kind !== missingKind(field) && { kind }),
      });
      continue;
    }
    if (known.has(outcome.sha256) || isLivePhotoClip(outcome, results)) continue;
    known.add(outcome.sha256);
    if (lost !== undefined) {
      const { part, code, reason } = lost;
      problems.push({ messageId, field, code, reason, kind: part === "pictures" ? "video" : null });
    }
    if (outcome.kind === "photo" && photo === null) photo = outcome;
    else if (outcome.kind === "sound" && voice === null) voice = outcome;
    else if (outcome.kind === "clip" && clip === null) clip = outcome;
    else others.push(outcome);
  }
  return { photo, voice, clip, ...(others.length > 0 && { others }), problems };
}

/** Whether a clip is the video that a phone recorded with a Live Photo, and the photo itself is there. */
function isLivePhotoClip(asset: Asset, results: readonly ColumnResult[]): boolean {
  if (asset.kind !== "clip" || asset.livePhotoId === undefined) return false;
  return results.some(
    ({ outcome }) =>
      !(outcome instanceof KeepsakeError) &&
      outcome.kind === "photo" &&
      outcome.livePhotoId === asset.livePhotoId,
  );
}
