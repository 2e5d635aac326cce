import { createHash } from "node:crypto";

import type { PreparedAssets } from "../media/asset.js";
import type { CapsuleContent } from "../capsule/content.js";
import type { FilmSettings } from "./model/film-settings.js";
import { honoreeOf } from "./model/honoree.js";

/** Version to raise whenever the same inputs would make another film: in appearance, timing or encoding. */
const engineVersion = 4;

/**
 * Settings that do not change the content of a film: `strict` and `maxSeconds` only decide whether it is made.
 * `honoree` has an effect only where the capsule names nobody, and is part of the capsule's values below.
 */
const ignoredSettings: ReadonlySet<string> = new Set<keyof FilmSettings>(["strict", "maxSeconds", "honoree"]);

/**
 * A hash of everything that determines a film: the words in their order, the bytes of the media (not their
 * addresses), the files that could not be included, the settings and the engine version. Films with the same
 * fingerprint are the same film.
 *
 * @returns sha256, 64 hex digits
 */
export function fingerprintOf(
  content: CapsuleContent,
  assets: PreparedAssets,
  settings: FilmSettings,
): string {
  const { capsule, messages } = content;
  const inputs = {
    engineVersion,
    settings: Object.fromEntries(Object.entries(settings).filter(([name]) => !ignoredSettings.has(name))),
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
