import type { PreparedAssets } from "../../media/asset.js";
import type { Message } from "../../capsule/content.js";
import type { MessageWords } from "./message-scenes.js";
import type { Typeset } from "../typography/typeset.js";

/**
 * Sets every message's words on cards, and beside its photo where there is one.
 *
 * @returns set words by message id; messages without words have no entry
 */
export function typesetMessages(
  messages: readonly Message[],
  assets: PreparedAssets,
  typeset: Typeset,
): ReadonlyMap<string, MessageWords> {
  return new Map(
    messages.flatMap(({ id, text }): [string, MessageWords][] => {
      if (text === null) return [];
      const hasPhoto = (assets.get(id)?.photo ?? null) !== null;
      const besidePhoto = hasPhoto ? (typeset(text, "beside-photo")?.[0] ?? null) : null;
      return [[id, { besidePhoto, cards: typeset(text, "card") ?? [] }]];
    }),
  );
}
