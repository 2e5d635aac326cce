import { createHash } from "node:crypto";

import type { PreparedAssets } from "../media/asset.js";
import type { CapsuleContent } from "../capsule/content.js";
import type { FilmSettings } from "./model/film-settings.js";
import { honoreeOf } from "./model/honoree.js";

/** Raised whenever the same inputs would make another film: a change of look, of timing, of encoding. */
const engineVersion = 4;

/**
 * A hash of all that determines a film: the words in their order, the bytes of the media (not their addresses), what
 * could not be included, the settings and the engine. The same fingerprint is the same film.
 * @returns sha256, 64 hex digits
 */
export function fingerprintOf(
  content: CapsuleContent,
  assets: PreparedAssets,
  settings: FilmSettings,
): string {
  const { capsule, messages } = content;
  const { strict: _doesNotShow, maxSeconds: _norThis, honoree: _whereTheRowNamesNobody, ...shown } = settings;
  const inputs = {
    engineVersion,
    settings: shown,
    capsule: [capsule.id, honoreeOf(capsule, settings), capsule.bornOn, capsule.diedOn],
    messages: messages.map((message) => {
      const media = assets.get(message.id);
      return [
        message.id,
        message.contributorName,
        message.text,
        message.transcript,
        media?.photo?.sha256 ?? null,
        media?.voice?.sha256 ?? null,
        media?.clip?.sha256 ?? null,
        media?.others?.map(({ kind, sha256 }) => [kind, sha256]) ?? [],
        media?.problems.map(({ field, code, kind }) => [
          field,
          code,
          kind === null ? "none" : (kind ?? null),
        ]) ?? [],
      ];
    }),
  };
  return createHash("sha256").update(JSON.stringify(inputs)).digest("hex");
}
