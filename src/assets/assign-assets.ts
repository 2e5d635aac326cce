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

/** What one column of a message came to: an asset, or the reason why there is none. */
export interface ColumnResult {
  readonly field: AssetField;
  readonly outcome: Asset | KeepsakeError;
  /** What of the asset's file is not in the film. */
  readonly lost?: LostPart | undefined;
}

/** What a column is meant for. */
const fieldKinds: Record<AssetField, Asset["kind"]> = {
  content_image_url: "photo",
  content_audio_url: "sound",
  content_video_url: "clip",
};

/**
 * Gives each asset its place in the message by what it is: a photo that was put into the video column is a photo.
 * A message has one place of each kind, which files that stand in their own column take first; further files of a kind
 * are shown after them. A file that a message names twice is one. The clip of a Live Photo is not shown beside its photo;
 * alone it is.
 */
export function assignAssets(messageId: string, results: readonly ColumnResult[]): MessageAssets {
  let photo: PhotoAsset | null = null;
  let voice: SoundAsset | null = null;
  let clip: ClipAsset | null = null;
  const others: Asset[] = [];
  const problems: AssetProblem[] = [];
  const known = new Set<string>();
  const isAtHome = ({ field, outcome }: ColumnResult): boolean =>
    !(outcome instanceof KeepsakeError) && outcome.kind === fieldKinds[field];
  const inOrder = [...results.filter(isAtHome), ...results.filter((result) => !isAtHome(result))];
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
    if (known.has(outcome.sha256) || isOfLivePhoto(outcome, results)) continue;
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

/** True for the seconds around a photo that a telephone filmed with it, where the photo itself is there. */
function isOfLivePhoto(asset: Asset, results: readonly ColumnResult[]): boolean {
  if (asset.kind !== "clip" || asset.livePhotoId === undefined) return false;
  return results.some(
    ({ outcome }) =>
      !(outcome instanceof KeepsakeError) &&
      outcome.kind === "photo" &&
      outcome.livePhotoId === asset.livePhotoId,
  );
}
