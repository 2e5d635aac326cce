import { KeepsakeError } from "../errors.js";
import type { Asset, AssetField, AssetProblem, MessageAssets } from "./asset.js";

/** What one column of a message came to: an asset, or the reason why there is none. */
export interface ColumnResult {
  readonly field: AssetField;
  readonly outcome: Asset | KeepsakeError;
}

/** What a column is meant for. */
const fieldKinds: Record<AssetField, Asset["kind"]> = {
  content_image_url: "photo",
  content_audio_url: "sound",
  content_video_url: "clip",
};

/**
 * Gives each asset its place in the message by what it is: a photo that was put into the video column is a photo.
 * A message has one place of each kind; files that stand where they belong take theirs first.
 */
export function assignAssets(messageId: string, results: readonly ColumnResult[]): MessageAssets {
  const places: { photo: Asset | null; sound: Asset | null; clip: Asset | null } = {
    photo: null,
    sound: null,
    clip: null,
  };
  const problems: AssetProblem[] = [];
  const atHome = ({ field, outcome }: ColumnResult): boolean =>
    !(outcome instanceof KeepsakeError) && outcome.kind === fieldKinds[field];
  const inOrder = [...results.filter(atHome), ...results.filter((result) => !atHome(result))];
  for (const { field, outcome } of inOrder) {
    if (outcome instanceof KeepsakeError) {
      const { code, message: reason, setting } = outcome;
      problems.push({ messageId, field, code, reason, ...(setting !== null && { setting }) });
    } else if (places[outcome.kind] === null) {
      places[outcome.kind] = outcome;
    } else {
      const reason = `The file is a ${kindWords[outcome.kind]}, and the message has one already.`;
      problems.push({ messageId, field, code: "media-place-taken", reason });
    }
  }
  const { photo, sound, clip } = places;
  return {
    photo: photo?.kind === "photo" ? photo : null,
    voice: sound?.kind === "sound" ? sound : null,
    clip: clip?.kind === "clip" ? clip : null,
    problems,
  };
}

const kindWords: Record<Asset["kind"], string> = { photo: "photo", sound: "sound recording", clip: "video" };
